//! What applets follow in the sessions of a technician group: whose mouse and keyboard go first (APP-59, SES-109), whether Pause/Break is heard (APP-36,
//! APP-38), and whether everything is asked for once at the start (APP-27). A group without a value of its own follows the group above it; where nobody
//! has set one the default holds.

use farhand_protocol::input::InputPriority;

use crate::{
    db::{Db, Tx},
    error::Result,
    settings,
};

/// Names of the settings.
const PRIORITY: &str = "input_priority";
const PAUSE_KEY: &str = "pause_key";
const ASK_AT_START: &str = "ask_at_start";

/// The rules of one technician group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppletRules {
    /// Whose hands win when both act at once.
    pub priority: InputPriority,
    /// Pause/Break takes everything back; false passes the key to the system.
    pub pause_key: bool,
    /// The customer is asked for everything once, before anything else.
    pub ask_at_start: bool,
}

impl AppletRules {
    /// The rules in force for a technician group.
    pub async fn of_group(db: &Db, group_id: i64) -> Result<Self> {
        let priority = settings::group_text(db, group_id, PRIORITY).await?;
        let pause_key = settings::group_text(db, group_id, PAUSE_KEY).await?;
        let ask_at_start = settings::group_text(db, group_id, ASK_AT_START).await?;
        Ok(Self {
            priority: priority.as_deref().and_then(priority_in).unwrap_or_default(),
            pause_key: pause_key.as_deref().and_then(switch_in).unwrap_or(true),
            ask_at_start: ask_at_start.as_deref().and_then(switch_in).unwrap_or(false),
        })
    }
}

/// New values for a technician group; what is none stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RulesChange {
    /// See [`AppletRules::priority`].
    pub priority: Option<InputPriority>,
    /// See [`AppletRules::pause_key`].
    pub pause_key: Option<bool>,
    /// See [`AppletRules::ask_at_start`].
    pub ask_at_start: Option<bool>,
}

impl RulesChange {
    /// Names and new values.
    pub fn words(&self) -> Vec<(&'static str, &'static str)> {
        let words = [
            (PRIORITY, self.priority.map(priority_word)),
            (PAUSE_KEY, self.pause_key.map(switch_word)),
            (ASK_AT_START, self.ask_at_start.map(switch_word)),
        ];
        words.into_iter().filter_map(|(name, word)| Some((name, word?))).collect()
    }

    /// Stores what it holds.
    pub async fn store(&self, tx: &mut Tx, group_id: i64) -> std::result::Result<(), sqlx::Error> {
        for (name, word) in self.words() {
            settings::set_group_text(tx, group_id, name, word).await?;
        }
        Ok(())
    }
}

/// Takes the group's own values away: it follows the group above it again.
pub async fn reset(tx: &mut Tx, group_id: i64) -> std::result::Result<(), sqlx::Error> {
    for name in [PRIORITY, PAUSE_KEY, ASK_AT_START] {
        settings::set_group_text(tx, group_id, name, "").await?;
    }
    Ok(())
}

/// How it is stored, typed and printed.
pub const fn priority_word(priority: InputPriority) -> &'static str {
    match priority {
        InputPriority::Technician => "technician",
        InputPriority::Customer => "customer",
    }
}

/// The same for what is on or off.
pub const fn switch_word(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn priority_in(word: &str) -> Option<InputPriority> {
    [InputPriority::Technician, InputPriority::Customer]
        .into_iter()
        .find(|priority| priority_word(*priority) == word)
}

fn switch_in(word: &str) -> Option<bool> {
    [true, false].into_iter().find(|on| switch_word(*on) == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tests::with_groups;

    const DEFAULT: AppletRules = AppletRules {
        priority: InputPriority::Technician,
        pause_key: true,
        ask_at_start: false,
    };

    #[tokio::test]
    async fn a_group_follows_its_own_rules_and_for_the_rest_those_above_it() {
        let temp = tempfile::tempdir().unwrap();
        let db = with_groups(temp.path(), &[(1, None), (2, Some(1))]).await;
        let rules = async |group_id| AppletRules::of_group(&db, group_id).await.unwrap();
        let set = async |group_id, change: RulesChange| {
            let mut tx = db.write().await.unwrap();
            change.store(&mut tx, group_id).await.unwrap();
            tx.commit().await.unwrap();
        };
        assert_eq!((rules(1).await, rules(2).await), (DEFAULT, DEFAULT), "APP-36, APP-60");
        let above = AppletRules {
            priority: InputPriority::Customer,
            pause_key: false,
            ask_at_start: true,
        };
        let change = RulesChange {
            priority: Some(above.priority),
            pause_key: Some(above.pause_key),
            ask_at_start: Some(above.ask_at_start),
        };
        set(1, change).await;
        assert_eq!((rules(1).await, rules(2).await), (above, above));
        let change = RulesChange {
            pause_key: Some(true),
            ..RulesChange::default()
        };
        set(2, change).await;
        let own = AppletRules { pause_key: true, ..above };
        assert_eq!((rules(1).await, rules(2).await), (above, own));
        let mut tx = db.write().await.unwrap();
        reset(&mut tx, 2).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(rules(2).await, above);
    }

    #[tokio::test]
    async fn a_value_that_is_none_counts_as_if_nobody_had_set_it() {
        let temp = tempfile::tempdir().unwrap();
        let db = with_groups(temp.path(), &[(1, None)]).await;
        let mut tx = db.write().await.unwrap();
        for name in [PRIORITY, PAUSE_KEY, ASK_AT_START] {
            settings::set_group_text(&mut tx, 1, name, "perhaps").await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(AppletRules::of_group(&db, 1).await.unwrap(), DEFAULT);
    }
}
