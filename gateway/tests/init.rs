//! `init` leaves nothing half made: whatever moment it is cut short at, a second one finishes or says what to do.

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use farhand_gateway::{
    db::{Db, Location},
    folder::{Folder, Keys},
    tls::OwnCa,
};
use support::process::{Served, program, run, run_well};

fn init(data: &Path) -> Command {
    let mut command = program();
    command.arg("init").arg("--data").arg(data).args(["--org", "ACME"]);
    command.args(["--admin-email", support::ADMIN, "--admin-name", "Root"]);
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// It serves, with an organisation, one administrator and the keys that are there.
fn is_whole(data: &Path) {
    let shown = data.display().to_string();
    let list: serde_json::Value = serde_json::from_str(&run_well(&["technician", "list", "--data", &shown, "--json"])).unwrap();
    assert_eq!((list.as_array().unwrap().len(), &list[0]["email"]), (1, &support::ADMIN.into()));
    run_well(&["doctor", "--data", &shown]);
    assert!(Served::start(data, &["--listen", "127.0.0.1:0"]).stop().success());
    let again = init(data).output().unwrap();
    assert!(
        !again.status.success() && said(&again).contains("already; nothing was changed"),
        "{}",
        said(&again)
    );
}

/// Folders as an `init` leaves them that was cut short after each of its steps.
async fn half_made(root: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for step in 0..=7 {
        let folder = Folder::new(root.join(format!("step{step}")));
        let data = folder.root().to_owned();
        if step == 0 {
            std::fs::create_dir(&data).unwrap();
        } else {
            folder.create().unwrap();
        }
        if step >= 2 {
            Keys::generate().unwrap().save(&folder).unwrap();
        }
        if step == 2 {
            std::fs::remove_file(folder.keys().join("signing.key")).unwrap();
        }
        if step >= 4 {
            OwnCa::create(&folder, "ACME").unwrap();
        }
        if step == 4 {
            std::fs::remove_file(folder.tls().join("ca.pem")).unwrap();
        }
        if step >= 6 {
            std::fs::write(folder.config_file(), "").unwrap();
        }
        if step == 6 {
            std::fs::write(folder.database_file(), "").unwrap();
        }
        if step == 7 {
            Db::open(&Location::File(folder.database_file())).await.unwrap().close().await;
        }
        all.push(data);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn after_every_step_a_second_init_finishes_what_the_first_began() {
    let temp = tempfile::tempdir().unwrap();
    for data in half_made(temp.path()).await {
        let keys = std::fs::read(data.join("keys/signing.key")).ok();
        let serve = run(&["serve", "--data", &data.display().to_string(), "--listen", "127.0.0.1:0"]);
        assert!(!serve.status.success() && said(&serve).contains("init"), "{}", said(&serve));
        let done = init(&data).output().unwrap();
        assert!(done.status.success(), "{}: {}", data.display(), said(&done));
        is_whole(&data);
        if let Some(keys) = keys {
            assert_eq!(std::fs::read(data.join("keys/signing.key")).unwrap(), keys, "whole keys are kept");
        }
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a kill comes at some moment, not at an event")]
fn killed_at_any_moment_it_can_be_run_again() {
    let temp = tempfile::tempdir().unwrap();
    let began = std::time::Instant::now();
    run_well(&[
        "init",
        "--data",
        &temp.path().join("whole").display().to_string(),
        "--org",
        "ACME",
        "--admin-email",
        support::ADMIN,
        "--admin-name",
        "Root",
    ]);
    let whole = began.elapsed();
    let mut finished = 0;
    for moment in 1..=12u32 {
        let data = temp.path().join(moment.to_string());
        let mut first = init(&data).spawn().unwrap();
        std::thread::sleep(whole * moment / 12 + Duration::from_millis(u64::from(moment % 3)));
        let _ = first.kill();
        first.wait().unwrap();
        let second = init(&data).output().unwrap();
        assert!(
            second.status.success() || said(&second).contains("already; nothing was changed"),
            "{moment}: {}",
            said(&second)
        );
        finished += u32::from(second.status.success());
        is_whole(&data);
    }
    assert!(finished > 0, "some were cut short");
}

#[test]
fn what_is_in_the_way_is_named_and_once_it_is_gone_init_goes_on() {
    let temp = tempfile::tempdir().unwrap();
    for blocked in ["keys", "tls", "gateway.toml", "gateway.db"] {
        let data = temp.path().join(blocked);
        let path = data.join(blocked);
        std::fs::create_dir(&data).unwrap();
        if blocked.contains('.') {
            std::fs::create_dir(&path).unwrap();
        } else {
            std::fs::write(&path, "").unwrap();
        }
        let first = init(&data).output().unwrap();
        assert!(
            !first.status.success() && said(&first).contains(&data.display().to_string()),
            "{}",
            said(&first)
        );
        let _ = std::fs::remove_dir(&path).or_else(|_| std::fs::remove_file(&path));
        let second = init(&data).output().unwrap();
        assert!(second.status.success(), "{blocked}: {}", said(&second));
        is_whole(&data);
    }
}

#[test]
fn a_database_without_its_keys_says_to_restore_them_and_a_folder_keeps_to_its_database() {
    let temp = tempfile::tempdir().unwrap();
    let data = temp.path().join("d");
    assert!(init(&data).output().unwrap().status.success());
    let other = init(&data).args(["--database", "postgres://nowhere/x"]).output().unwrap();
    assert!(
        !other.status.success() && said(&other).contains("belongs to another database"),
        "{}",
        said(&other)
    );
    let keys = data.join("keys/signing.key");
    std::fs::rename(&keys, temp.path().join("lost")).unwrap();
    let lost = init(&data).output().unwrap();
    assert!(
        !lost.status.success() && said(&lost).contains("Restore the folder"),
        "{}",
        said(&lost)
    );
    assert!(!keys.exists(), "nothing is made in its place");
    std::fs::rename(temp.path().join("lost"), &keys).unwrap();
    is_whole(&data);
}
