//! Viewers that say far more than anybody has to say: they are slowed, memory stays bounded, and nobody else feels it.

mod session_support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use farhand_engine::{host::HostEvent, platform::fake::FakePlatform, viewer::ViewerEvent};
use farhand_protocol::{
    peer::{ChatLine, GrantCause, HostBound, Quality, Request, Subscribe, TakeControl},
    permission::{Capability, CapabilitySet},
    wire::Message,
};
use session_support::{Console, Lab, LabOptions, RawViewer, endpoint, now, until};
use uuid::Uuid;

/// Frames said by a flooding viewer; nobody reads what it is answered.
const FLOOD: usize = 20_000;

fn chat() -> HostBound {
    HostBound::Chat(ChatLine {
        line_id: Uuid::now_v7(),
        sent_at: now(),
        text: "x".repeat(1000),
    })
}

/// Says this again and again until the host takes no more for a second; counts what it got rid of.
async fn flood(raw: &mut RawViewer, said: &AtomicUsize, message: impl Fn() -> HostBound) {
    for _ in 0..FLOOD {
        if tokio::time::timeout(Duration::from_secs(1), raw.say(&message())).await.is_err() {
            return;
        }
        said.fetch_add(1, Ordering::Relaxed);
    }
}

/// What the host had to tell its program.
fn told(lab: &Lab, is_meant: impl Fn(&HostEvent) -> bool) -> usize {
    lab.events.all().iter().filter(|event| is_meant(event)).count()
}

/// An honest technician is answered as if nobody else were there, and the customer's STOP works.
async fn is_undisturbed(lab: &Lab, console: &Console) {
    let (from, asked) = (lab.events.len(), Instant::now());
    console.viewer.chat("do you hear me?".into());
    let heard = |e: &HostEvent| matches!(e, HostEvent::Chat { text, .. } if text == "do you hear me?").then_some(());
    lab.events.wait_from(from, "the honest line", heard).await;
    lab.platform.fill(farhand_protocol::geometry::Rect::new(3, 3, 20, 20), [9, 8, 7]);
    console.shows_screen(&lab.platform).await;
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    let (from, stopped) = (console.events.len(), Instant::now());
    lab.host.revoke(GrantCause::StopButton);
    let gone = |e: &ViewerEvent| matches!(e, ViewerEvent::Grant { granted, .. } if !granted.has(Capability::View)).then_some(());
    console.events.wait_from(from, "the revocation", gone).await;
    assert!(stopped.elapsed() < Duration::from_millis(200), "{:?}", stopped.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_chat_becomes_few_lines_and_disturbs_nobody() {
    let lab = Lab::with(FakePlatform::new(64, 64), LabOptions::in_control()).await;
    let console = lab.technician(1).await;
    console.in_view().await;
    let (mut raw, _) = RawViewer::linked(&lab, 2, CapabilitySet::all()).await;
    let (said, begun) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let counter = said.clone();
    let flooding = tokio::spawn(async move { flood(&mut raw, &counter, chat).await });
    lab.wait_journal(0, "link.slowed").await;
    is_undisturbed(&lab, &console).await;
    flooding.await.unwrap();
    let lines = told(&lab, |e| matches!(e, HostEvent::Chat { .. }));
    // 256 at once, two a second after that, and the honest one.
    let most = 256 + 2 * (begun.elapsed().as_secs() as usize + 1) + 1;
    assert!((200..=most).contains(&lines), "{lines} lines in {:?}", begun.elapsed());
    assert_eq!(lab.journal("link.slowed").len(), 1, "said once");
    assert!(said.load(Ordering::Relaxed) < FLOOD, "it was made to wait on its own stream");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_disk_hangs_a_viewer_causes_no_more_lines_than_it_has_places() {
    let options = LabOptions {
        disk_hangs: true,
        ..LabOptions::in_control()
    };
    let lab = Lab::with(FakePlatform::new(64, 64), options).await;
    let console = lab.technician(1).await;
    console.in_view().await;
    let (mut raw, _) = RawViewer::linked(&lab, 2, CapabilitySet::all()).await;
    flood(&mut raw, &AtomicUsize::new(0), chat).await;
    let lines = told(&lab, |e| matches!(e, HostEvent::Chat { .. }));
    assert!((32..=64).contains(&lines), "{lines} lines wait for the disk");
    is_undisturbed(&lab, &console).await;
    assert_eq!(told(&lab, |e| matches!(e, HostEvent::Chat { .. })), lines + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_and_leaving_seeing_and_asking_without_end_is_slowed() {
    let lab = Lab::with(FakePlatform::new(64, 64), LabOptions::in_control()).await;
    let console = lab.technician(1).await;
    console.in_view().await;
    let (mut raw, _) = RawViewer::linked(&lab, 2, CapabilitySet::all()).await;
    let turn = AtomicUsize::new(0);
    let begun = Instant::now();
    let message = || {
        let n = turn.fetch_add(1, Ordering::Relaxed);
        match n % 4 {
            0 => HostBound::Request(Request {
                request_id: Uuid::now_v7(),
                capabilities: CapabilitySet::EMPTY.with(Capability::Control),
            }),
            1 => HostBound::TakeControl(TakeControl { on: n % 8 < 4 }),
            2 => HostBound::Subscribe(Subscribe {
                monitors: Vec::new(),
                on: n % 8 < 4,
            }),
            _ => HostBound::Quality(Quality {
                max_bitrate_bps: 0,
                max_fps: 0,
            }),
        }
    };
    flood(&mut raw, &AtomicUsize::new(0), message).await;
    lab.wait_journal(0, "link.slowed").await;
    // Long enough for an unslowed flood to have been done with; the passing of time is what is tested here.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let lines = told(&lab, |e| matches!(e, HostEvent::Journal { .. }));
    let most = 2 * (64 + 4 * (begun.elapsed().as_secs() as usize + 1)) + 20;
    assert!(lines <= most, "{lines} lines in {:?}", begun.elapsed());
    assert_eq!(lab.journal("link.slowed").len(), 1);
    is_undisturbed(&lab, &console).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dialling_without_end_becomes_few_links() {
    let lab = Lab::with(FakePlatform::new(64, 64), LabOptions::in_control()).await;
    let console = lab.technician(1).await;
    console.in_view().await;
    let caller = endpoint().await;
    let ticket = lab.ticket(2, &caller, CapabilitySet::all());
    let signed = lab.seal(&ticket);
    lab.host.handle_ticket(signed.clone());
    let begun = Instant::now();
    for _ in 0..60 {
        let Some(mut raw) = RawViewer::try_dial(&lab, caller.clone()).await else {
            continue;
        };
        raw.say(&HostBound::Present(farhand_protocol::peer::Present {
            ticket: signed.clone(),
            update: None,
        }))
        .await;
        // Welcomed, or closed at once.
        while raw.next().await.is_some_and(|message| message.kind() != 0x8002) {}
    }
    let most = 8 + begun.elapsed().as_secs() as usize / 2 + 1;
    let links = lab.journal("link.up").iter().filter(|line| line["member_id"] == 2).count();
    assert!((1..=most).contains(&links), "{links} links in {:?}", begun.elapsed());
    until("the flood to be over", || lab.journal("link.down").len() + 1 >= links).await;
    is_undisturbed(&lab, &console).await;
}
