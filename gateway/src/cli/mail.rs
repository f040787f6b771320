//! `mail show|set|reset`: subject and text of the e-mail that carries a link, for each technician group (EML-16, EML-20). They work on the database, beside a
//! gateway that runs; the next session of the group has the new words.

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;

use super::{GroupArgs, open_group, text};
use crate::{
    audit,
    mail::{LINK, MAX_TEXT_CHARS, MailWords, check_subject, check_text, set_subject, set_text},
    serve::now,
};

/// A character of UTF-8 has at most four bytes.
const MAX_TEXT_BYTES: usize = 4 * MAX_TEXT_CHARS;

#[derive(Debug, Subcommand)]
pub(super) enum MailCommand {
    /// Prints subject and text as technicians of the group have them.
    Show {
        #[command(flatten)]
        unit: GroupArgs,
    },
    /// Sets subject or text or both; groups below that have none of their own follow.
    Set {
        #[command(flatten)]
        unit: GroupArgs,
        /// Subject, on one line.
        #[arg(long, required_unless_present = "text_file")]
        subject: Option<String>,
        /// File with the text, in which {link} stands once, alone on its line; - reads standard input.
        #[arg(long, value_name = "FILE")]
        text_file: Option<PathBuf>,
    },
    /// Takes the group's own words away: it follows the group above it, and the one above all others has the built-in words.
    Reset {
        #[command(flatten)]
        unit: GroupArgs,
    },
}

pub(super) async fn run(command: MailCommand) -> anyhow::Result<()> {
    match command {
        MailCommand::Show { unit } => {
            let (db, group_id) = open_group(&unit).await?;
            let words = MailWords::of_group(&db, group_id).await?;
            println!("{}\n\n{}", words.subject, words.text.trim_end());
            Ok(())
        }
        MailCommand::Set { unit, subject, text_file } => {
            let subject = subject.as_deref().map(check_subject).transpose()?;
            let text = text_file.map(|file| text::read(&file, MAX_TEXT_BYTES)).transpose()?;
            let text = text.as_deref().map(check_text).transpose().context("--text-file")?;
            keep(&unit, subject, text, "mail.set").await?;
            println!("set; the link takes the place of {LINK} in the e-mails of new sessions");
            Ok(())
        }
        MailCommand::Reset { unit } => {
            keep(&unit, Some(""), Some(""), "mail.reset").await?;
            println!("the group has no words of its own any more");
            Ok(())
        }
    }
}

/// Stores what is given; empty words take those that are there away.
async fn keep(unit: &GroupArgs, subject: Option<&str>, text: Option<&str>, action: &str) -> anyhow::Result<()> {
    let (db, group_id) = open_group(unit).await?;
    let mut tx = db.write().await?;
    if let Some(subject) = subject {
        set_subject(&mut tx, group_id, subject).await?;
    }
    if let Some(text) = text {
        set_text(&mut tx, group_id, text).await?;
    }
    audit::record(&mut tx, now(), None, action, &format!("group {group_id}"), "command line").await?;
    tx.commit().await?;
    db.close().await;
    Ok(())
}
