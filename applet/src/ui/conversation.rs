//! The conversation: what was said and, between it, what a customer needs of the log: who is here, what was allowed and taken back, who has mouse
//! and keyboard, how it ended. Nothing is lost by what is left out here: the last page and the receipt have every line.

use farhand_assets::{
    Words,
    widgets::{ChatKind, ChatLine},
};
use farhand_engine::customer::LogLine;

use super::words as say;
use crate::model::Line;

/// Said elsewhere on the page already, or about nothing but the machinery.
const QUIET: [&str; 5] = ["consent.asked", "view.started", "view.ended", "link.slowed", "refused.repeated"];
/// Who is back within this time was never away, milliseconds.
const BACK_WITHIN_MILLIS: i64 = 60_000;

/// The lines to show, oldest first.
pub(super) fn conversation(lines: &[Line], utc_offset_minutes: i32, words: &Words) -> Vec<ChatLine> {
    let mut shown: Vec<ChatLine> = Vec::with_capacity(lines.len());
    // What of the log is shown, and at which place.
    let mut logged: Vec<(usize, &LogLine)> = Vec::new();
    for line in lines {
        let log = match line {
            Line::Log(log) if QUIET.contains(&log.kind.as_str()) => continue,
            Line::Log(log) => log,
            Line::Chat { from, at, text, .. } => {
                shown.push(ChatLine {
                    kind: if from.is_some() { ChatKind::Theirs } else { ChatKind::Mine },
                    who: from.clone().unwrap_or_else(|| words.text("applet-session-you")),
                    time: at.time_of_day(utc_offset_minutes),
                    text: text.clone(),
                    detail: Vec::new(),
                });
                continue;
            }
        };
        if let Some((at, _)) = logged.pop_if(|(_, before)| is_back(before, log)) {
            // Nothing but what was said comes after it, so all other places stay as they are.
            shown.remove(at);
            continue;
        }
        let text = say::log_line(words, log);
        if logged.last().is_some_and(|(at, _)| shown[*at].text == text) {
            continue;
        }
        logged.push((shown.len(), log));
        shown.push(ChatLine {
            kind: ChatKind::System,
            who: String::new(),
            time: log.at.time_of_day(utc_offset_minutes),
            text,
            detail: say::log_detail(words, log),
        });
    }
    shown
}

/// True for a technician who is connected again right after the connection was lost.
fn is_back(before: &LogLine, now: &LogLine) -> bool {
    let is_same = before.detail.get("technician") == now.detail.get("technician");
    before.kind == "link.down" && now.kind == "link.up" && is_same && now.at.since_millis(before.at) <= BACK_WITHIN_MILLIS
}

#[cfg(test)]
mod tests {
    use farhand_protocol::time::Timestamp;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn log(seconds: i64, kind: &str, name: &str) -> Line {
        Line::Log(LogLine {
            at: Timestamp(seconds * 1000),
            kind: kind.into(),
            actor: "technician".into(),
            detail: json!({ "technician": name, "capabilities": ["view"] }),
        })
    }

    fn said(seconds: i64, text: &str) -> Line {
        Line::Chat {
            line_id: Uuid::nil(),
            from: Some("Ada".into()),
            at: Timestamp(seconds * 1000),
            text: text.into(),
        }
    }

    fn texts(lines: &[Line]) -> Vec<String> {
        let shown = conversation(lines, 0, &Words::load("en"));
        shown.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn who_is_here_what_was_allowed_and_who_controls_is_told_and_the_machinery_is_not() {
        let lines = [
            log(0, "link.up", "Ada"),
            log(1, "consent.asked", "Ada"),
            log(2, "consent.allowed", "Ada"),
            log(2, "view.started", "Ada"),
            log(3, "control.started", "Ada"),
            said(4, "I am looking at it"),
            log(5, "link.slowed", "Ada"),
            log(6, "control.ended", "Ada"),
            log(6, "view.ended", "Ada"),
            log(7, "refused.repeated", "Ada"),
            log(8, "grant.revoked", ""),
            log(9, "session.ended_here", ""),
        ];
        assert_eq!(
            texts(&lines),
            [
                "Ada is connected",
                "You allowed Ada: See your screen",
                "Ada uses mouse and keyboard",
                "I am looking at it",
                "Ada no longer uses mouse and keyboard",
                "Everything was taken back",
                "You ended the session",
            ]
        );
    }

    #[test]
    fn what_the_last_line_of_the_log_says_is_not_said_again() {
        let lines = [
            log(0, "consent.refused", "Ada"),
            said(1, "please"),
            log(2, "consent.asked", "Ada"),
            log(3, "consent.refused", "Ada"),
            log(4, "consent.refused", "Bo"),
        ];
        assert_eq!(
            texts(&lines),
            [
                "You did not allow Ada: See your screen",
                "please",
                "You did not allow Bo: See your screen"
            ]
        );
    }

    #[test]
    fn a_link_that_comes_back_at_once_is_not_worth_a_word_and_one_that_stays_away_is() {
        let back = [
            log(0, "link.up", "Ada"),
            log(10, "link.down", "Ada"),
            said(11, "hello?"),
            log(15, "link.up", "Ada"),
        ];
        assert_eq!(texts(&back), ["Ada is connected", "hello?"]);
        let away = [
            log(0, "link.up", "Ada"),
            log(10, "link.down", "Ada"),
            log(90, "link.up", "Ada"),
            log(95, "link.down", "Ada"),
            log(96, "link.up", "Bo"),
        ];
        assert_eq!(
            texts(&away),
            [
                "Ada is connected",
                "Ada is not connected",
                "Ada is connected",
                "Ada is not connected",
                "Bo is connected"
            ]
        );
    }
}
