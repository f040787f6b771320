//! `terms show|set|remove`: what customers must accept before a technician sees that they wait (APP-43, APP-44). It works on the database,
//! beside a gateway that runs; who joins from then on is shown the new text.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Subcommand;

use super::{DataArgs, open_initialised, text};
use crate::{audit, serve::now, settings};

/// Longest text, in bytes: the Bible has four times as many.
const MAX_TERMS_BYTES: usize = 1 << 20;
/// Name of the setting.
const TERMS: &str = "terms";

#[derive(Debug, Subcommand)]
pub(super) enum TermsCommand {
    /// Prints the terms that customers are shown.
    Show {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Takes new terms, plain text in UTF-8, from a file.
    Set {
        #[command(flatten)]
        data: DataArgs,
        /// File with the text; - reads standard input.
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
    /// Customers are shown no terms any more.
    Remove {
        #[command(flatten)]
        data: DataArgs,
    },
}

pub(super) async fn run(command: TermsCommand) -> anyhow::Result<()> {
    match command {
        TermsCommand::Show { data } => {
            match settings::text(&open_initialised(&data).await?, TERMS).await? {
                Some(text) => println!("{}", text.trim_end()),
                None => println!("no terms are set; `farhand-gateway terms set --file FILE` sets them"),
            }
            Ok(())
        }
        TermsCommand::Set { data, file } => {
            let text = read(&file)?;
            keep(&data, &text).await?;
            println!(
                "terms of {} characters set; who joins from now on must accept them",
                text.chars().count()
            );
            Ok(())
        }
        TermsCommand::Remove { data } => {
            keep(&data, "").await?;
            println!("no terms are shown any more");
            Ok(())
        }
    }
}

async fn keep(data: &DataArgs, text: &str) -> anyhow::Result<()> {
    let db = open_initialised(data).await?;
    let mut tx = db.write().await?;
    settings::set_text(&mut tx, TERMS, text).await?;
    let action = if text.is_empty() { "terms.removed" } else { "terms.set" };
    audit::record(&mut tx, now(), None, action, "", "command line").await?;
    tx.commit().await?;
    db.close().await;
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<String> {
    let text = text::read(file, MAX_TERMS_BYTES)?;
    if text.trim().is_empty() {
        bail!(
            "{} holds no text; `farhand-gateway terms remove` takes the terms away",
            text::name_of(file)
        );
    }
    Ok(text)
}
