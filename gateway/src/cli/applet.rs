//! `applet show|set|reset`: what applets follow in the sessions of each technician group (APP-27, APP-36, APP-38, APP-59, SES-109). They work on the
//! database, beside a gateway that runs; the applets of customers who come from then on have the new values.

use clap::{Args, Subcommand, ValueEnum};
use farhand_protocol::input::InputPriority;

use super::{GroupArgs, Switch, open_group};
use crate::{
    applet_rules::{AppletRules, RulesChange, priority_word, reset, switch_word},
    audit,
    serve::now,
};

#[derive(Debug, Subcommand)]
pub(super) enum AppletCommand {
    /// Prints what applets in sessions of the group follow.
    Show {
        #[command(flatten)]
        unit: GroupArgs,
    },
    /// Sets what is given and leaves the rest as it is; groups below that have nothing of their own follow.
    Set {
        #[command(flatten)]
        unit: GroupArgs,
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Takes the group's own values away: it follows the group above it, and the one above all others has the defaults.
    Reset {
        #[command(flatten)]
        unit: GroupArgs,
    },
}

/// What can be set, one of it at least.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(super) struct RuleArgs {
    /// Whose mouse and keyboard go first when both act at once.
    #[arg(long, value_name = "technician|customer")]
    priority: Option<Hands>,
    /// Whether Pause/Break takes back everything the customer has allowed; off leaves the key to the system.
    #[arg(long, value_name = "on|off")]
    pause_key: Option<Switch>,
    /// Whether the customer is asked for everything once, at the start.
    #[arg(long, value_name = "on|off")]
    ask_at_start: Option<Switch>,
}

/// Whose.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Hands {
    /// The technician's.
    Technician,
    /// The customer's.
    Customer,
}

impl From<Hands> for InputPriority {
    fn from(hands: Hands) -> Self {
        match hands {
            Hands::Technician => Self::Technician,
            Hands::Customer => Self::Customer,
        }
    }
}

impl From<RuleArgs> for RulesChange {
    fn from(rules: RuleArgs) -> Self {
        let is_on = |switch: Switch| switch == Switch::On;
        Self {
            priority: rules.priority.map(InputPriority::from),
            pause_key: rules.pause_key.map(is_on),
            ask_at_start: rules.ask_at_start.map(is_on),
        }
    }
}

pub(super) async fn run(command: AppletCommand) -> anyhow::Result<()> {
    match command {
        AppletCommand::Show { unit } => {
            let (db, group_id) = open_group(&unit).await?;
            let rules = AppletRules::of_group(&db, group_id).await?;
            println!("priority {}", priority_word(rules.priority));
            println!("pause-key {}", switch_word(rules.pause_key));
            println!("ask-at-start {}", switch_word(rules.ask_at_start));
            Ok(())
        }
        AppletCommand::Set { unit, rules } => {
            keep(&unit, Some(rules.into()), "applet.set").await?;
            println!("set; the applets of customers who come from now on follow it");
            Ok(())
        }
        AppletCommand::Reset { unit } => {
            keep(&unit, None, "applet.reset").await?;
            println!("the group has no values of its own any more");
            Ok(())
        }
    }
}

/// Stores a change; without one, takes away what the group has.
async fn keep(unit: &GroupArgs, change: Option<RulesChange>, action: &str) -> anyhow::Result<()> {
    let (db, group_id) = open_group(unit).await?;
    let mut tx = db.write().await?;
    let mut target = format!("group {group_id}");
    match change {
        Some(change) => {
            change.store(&mut tx, group_id).await?;
            for (name, word) in change.words() {
                target += &format!(", {name} {word}");
            }
        }
        None => reset(&mut tx, group_id).await?,
    }
    audit::record(&mut tx, now(), None, action, &target, "command line").await?;
    tx.commit().await?;
    db.close().await;
    Ok(())
}
