//! `--no-window`: the same session and the same rules without a window, for kiosks and scripts. What happens is printed, one line each. Ended by Pause/Break,
//! SIGTERM or `farhand-applet stop`. A question that `--grant` did not answer in advance is refused, because nobody can be asked.

use std::sync::Arc;

use farhand_engine::{
    customer::{Customer, CustomerCommand, CustomerConfig, CustomerEvent},
    platform,
};
use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    peer::GrantCause,
    permission::CapabilitySet,
};
use tokio::sync::mpsc;

use crate::stop::StopFile;

/// Runs a session until it ends, however it ends (STM-28, STM-75); true once it was joined and is over.
///
/// # Errors
/// Why the session could not be joined or the applet not run.
pub fn run(config: CustomerConfig, gateway: Option<String>, trust: Option<String>, code: Option<String>) -> Result<bool, ErrorBody> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
    let stop_file = StopFile::create(&config.folders)?;
    let (sender, mut events) = mpsc::unbounded_channel();
    let engine = Customer::start(config, Arc::new(move |event| drop(sender.send(event))))?;
    match code {
        Some(code) => engine.send(CustomerCommand::Join { gateway, trust, code }),
        None => engine.send(CustomerCommand::Resume),
    }
    runtime.block_on(async {
        let terminated = platform::terminated();
        tokio::pin!(terminated);
        let mut ending = false;
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => {
                        if let Some(result) = handle(&engine, event) {
                            return result;
                        }
                    }
                    None => return Ok(false),
                },
                () = &mut terminated, if !ending => {
                    println!("ending: the system asked this program to stop");
                    ending = true;
                    engine.send(CustomerCommand::End);
                }
                () = stop_file.asked(), if !ending => {
                    println!("ending: farhand-applet stop");
                    ending = true;
                    engine.send(CustomerCommand::End);
                }
            }
        }
    })
}

/// Prints what happened and answers what can be answered without a person; the result once it is over.
fn handle(engine: &Customer, event: CustomerEvent) -> Option<Result<bool, ErrorBody>> {
    match event {
        CustomerEvent::Joined(joined) => {
            println!(
                "joined: session {} at {} with {}",
                joined.session_id, joined.organisation, joined.technician.name
            );
            println!("allowed in advance: {}", joined.granted_in_advance);
            if joined.terms.is_some() {
                // Whoever starts the applet without a window has read the terms of their own organisation.
                println!("terms accepted on behalf of the person who started this program");
                engine.send(CustomerCommand::AcceptTerms);
            }
        }
        CustomerEvent::JoinFailed(error) => return Some(Err(error)),
        CustomerEvent::NothingToResume => {
            return Some(Err(ErrorBody::new(
                ErrorCode::CodeMalformed,
                "no session to take up; give --pin or a link",
            )));
        }
        CustomerEvent::Status { status, .. } => println!("status: {status}"),
        CustomerEvent::ConsentAsked {
            request_id,
            technician,
            capabilities,
            ..
        } => {
            println!("refused: {} asked for {capabilities}, which --grant does not give", technician.name);
            engine.send(CustomerCommand::Answer {
                request_id,
                allowed: CapabilitySet::EMPTY,
            });
        }
        CustomerEvent::Grant { technician, granted, .. } => println!("effective for {}: {granted}", technician.name),
        CustomerEvent::Revoked(GrantCause::StopKey) => {
            println!("ending: Pause/Break was pressed");
            engine.send(CustomerCommand::End);
        }
        CustomerEvent::Chat {
            from: Some(from), text, ..
        } => println!("chat: {}: {text}", from.name),
        CustomerEvent::Logged(line) => println!("{} {} {}", line.at, line.actor, line.kind),
        CustomerEvent::Failed(error) => eprintln!("{error}"),
        CustomerEvent::Ended { status } => {
            println!(
                "ended: {}",
                status.map_or_else(|| "the session is over".to_owned(), |s| s.to_string())
            );
            return Some(Ok(true));
        }
        _ => {}
    }
    None
}

#[cfg(test)]
mod tests {
    use farhand_engine::{folders::Folders, link::Route, platform::fake::FakePlatform};
    use farhand_protocol::session::Status;

    use super::*;

    #[test]
    fn the_program_leaves_whatever_ended_the_session() {
        let folder = tempfile::tempdir().unwrap();
        let config = CustomerConfig {
            agent: "tests".into(),
            folders: Folders::below(folder.path()),
            platform: Arc::new(FakePlatform::new(64, 64)),
            grant_in_advance: CapabilitySet::EMPTY,
            local_policy: CapabilitySet::all(),
            route: Route::DirectOnly,
        };
        let engine = Customer::start(config, Arc::new(|_: CustomerEvent| ())).unwrap();
        for status in [Some(Status::DeclinedByCustomer), Some(Status::ClosedByTechnician), None] {
            assert_eq!(handle(&engine, CustomerEvent::Ended { status }), Some(Ok(true)), "{status:?}");
        }
    }
}
