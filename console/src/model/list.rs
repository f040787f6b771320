//! The session list: which rows it shows in which order, and which steps a row allows. The gateway decides again; what is refused
//! here is refused so that a button can say why before it is pressed.

use farhand_protocol::{api::SessionRow, ids::MemberId, permission::Permission, session::Status, time::Timestamp};

/// Which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum ListKind {
    /// Sessions this technician leads or made.
    #[default]
    Mine,
    /// Sessions that wait for any technician.
    Queue,
}

/// A column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Column {
    /// Name field.
    Name,
    /// State.
    Status,
    /// Time in state.
    #[default]
    Time,
    /// Lead technician, or who made the code.
    Technician,
    /// Operating system of the device.
    Platform,
    /// Host name of the device.
    Device,
}

impl Column {
    /// In the order of the list.
    pub const ALL: [Self; 6] = [Self::Name, Self::Status, Self::Time, Self::Technician, Self::Platform, Self::Device];
}

/// How pressing a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Alarm {
    /// Not at all.
    #[default]
    None,
    /// A customer waits for two minutes or more.
    Soon,
    /// A customer will wait no longer in a moment (SES-61), or the time has run out (STM-14).
    Now,
}

/// Waiting seconds before a row calls for attention.
pub const ALARM_SOON_SECS: u64 = 120;
/// Waiting seconds before a row calls louder, where nothing limits them.
pub const ALARM_NOW_SECS: u64 = 300;
/// A row is red for so long before the waiting limit, and for half of a limit that is shorter than two of these (SES-61).
const RED_MILLIS: i64 = 60_000;

/// What the technician chose for the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListState {
    /// Mine or the queue.
    pub kind: ListKind,
    /// Typed filter.
    pub filter: String,
    /// Sorted by this column.
    pub sort: Column,
    /// Largest first.
    pub descending: bool,
}

impl Default for ListState {
    fn default() -> Self {
        Self {
            kind: ListKind::Mine,
            filter: String::new(),
            sort: Column::Time,
            descending: false,
        }
    }
}

/// Whose row it is.
pub fn is_mine(row: &SessionRow, me: MemberId) -> bool {
    row.lead.as_ref().unwrap_or(&row.issued_by).member_id == me
}

/// True for who leads it, or led it until it ended.
pub fn leads(row: &SessionRow, me: MemberId) -> bool {
    row.lead.as_ref().is_some_and(|lead| lead.member_id == me)
}

/// True while any technician may pick it.
pub fn is_queued(row: &SessionRow) -> bool {
    row.status.is_some_and(Status::can_be_started)
}

/// True when the row belongs to the list of this kind.
pub fn belongs(row: &SessionRow, kind: ListKind, me: MemberId) -> bool {
    match kind {
        ListKind::Mine => is_mine(row, me),
        ListKind::Queue => is_queued(row),
    }
}

/// How pressing a row is now. One that timed out is red until it leaves the list (STM-14, STM-34).
pub fn alarm(row: &SessionRow, now: Timestamp) -> Alarm {
    let secs = u64::try_from(now.since_millis(row.since) / 1000).unwrap_or(0);
    match row.status {
        Some(Status::TimedOut) => Alarm::Now,
        Some(Status::Waiting | Status::Transferring) if turns_red_at(row) <= now => Alarm::Now,
        Some(Status::Waiting) if secs >= ALARM_SOON_SECS => Alarm::Soon,
        _ => Alarm::None,
    }
}

/// When the row of a waiting session turns red (SES-61).
pub fn turns_red_at(row: &SessionRow) -> Timestamp {
    match row.waiting_ends_at {
        Some(end) => end.plus_millis(-RED_MILLIS.min(end.since_millis(row.since) / 2)),
        None => row.since.plus_millis(ALARM_NOW_SECS as i64 * 1000),
    }
}

/// The rows of a list, filtered and sorted.
pub fn shown<'a>(rows: impl Iterator<Item = &'a SessionRow>, list: &ListState, me: MemberId) -> Vec<&'a SessionRow> {
    let wanted = list.filter.trim().to_lowercase();
    let mut rows: Vec<_> = rows
        .filter(|row| belongs(row, list.kind, me) && matches_filter(row, &wanted))
        .collect();
    rows.sort_by(|a, b| {
        // Sessions that are over stand last, whatever the order.
        let over = |row: &SessionRow| row.status.is_some_and(Status::is_final);
        let order = compare(a, b, list.sort);
        let order = if list.descending { order.reverse() } else { order };
        over(a).cmp(&over(b)).then(order).then(a.session_id.cmp(&b.session_id))
    });
    rows
}

fn matches_filter(row: &SessionRow, wanted: &str) -> bool {
    let technician = row.lead.as_ref().unwrap_or(&row.issued_by);
    let texts = [&row.name, &row.comment, &technician.name];
    let facts = row.platform.iter().chain(&row.device).chain(&row.fields);
    wanted.is_empty() || texts.into_iter().chain(facts).any(|text| text.to_lowercase().contains(wanted))
}

fn compare(a: &SessionRow, b: &SessionRow, column: Column) -> std::cmp::Ordering {
    let technician = |row: &SessionRow| row.lead.as_ref().unwrap_or(&row.issued_by).name.to_lowercase();
    match column {
        Column::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
        Column::Status => a.status.cmp(&b.status),
        Column::Time => b.since.cmp(&a.since),
        Column::Technician => technician(a).cmp(&technician(b)),
        Column::Platform => a.platform.cmp(&b.platform),
        Column::Device => a.device.cmp(&b.device),
    }
}

/// Why a step cannot be taken; the key of the sentence is `refusal-…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// No row is chosen.
    NothingSelected,
    /// Only a code exists; the customer has not come yet.
    CodeOnly,
    /// The customer reads the terms or starts the applet.
    Connecting,
    /// It is Active already.
    AlreadyActive,
    /// It is not Active.
    NotActive,
    /// It is not on hold.
    NotOnHold,
    /// The customer's device is away.
    Away,
    /// It is over.
    Over,
    /// Another technician leads it.
    NotLead,
    /// The group lacks the permission.
    Permission(Permission),
    /// Ten tabs are open.
    TooManyTabs,
    /// The technician handles the most sessions allowed (CON-38).
    Maximum,
    /// The gateway cannot be reached.
    NoGateway,
    /// The link to the customer does not stand.
    NoLink,
    /// The customer is being asked.
    Asking,
}

impl Refusal {
    /// Key of the sentence.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NothingSelected => "refusal-nothing-selected",
            Self::CodeOnly => "refusal-code-only",
            Self::Connecting => "refusal-connecting",
            Self::AlreadyActive => "refusal-already-active",
            Self::NotActive => "refusal-not-active",
            Self::NotOnHold => "refusal-not-on-hold",
            Self::Away => "refusal-away",
            Self::Over => "refusal-over",
            Self::NotLead => "refusal-not-lead",
            Self::Permission(_) => "refusal-permission",
            Self::TooManyTabs => "refusal-too-many-tabs",
            Self::Maximum => "refusal-maximum",
            Self::NoGateway => "refusal-no-gateway",
            Self::NoLink => "desktop-no-link",
            Self::Asking => "desktop-asking-short",
        }
    }
}

/// *Start*: Waiting or Transferring becomes Active (STM-30).
pub fn may_start(row: &SessionRow, me: MemberId) -> Result<(), Refusal> {
    match row.status {
        None => Err(Refusal::CodeOnly),
        Some(Status::Waiting | Status::Transferring) => Ok(()),
        Some(Status::Connecting) => Err(Refusal::Connecting),
        Some(Status::Active) if is_mine(row, me) => Err(Refusal::AlreadyActive),
        Some(Status::OnHold) if is_mine(row, me) => Err(Refusal::NotActive),
        Some(status) if status.ends_leg() => Err(Refusal::Over),
        Some(Status::Active | Status::OnHold) => Err(Refusal::NotLead),
        Some(_) => Err(Refusal::Away),
    }
}

/// *Hold*: Active becomes On hold (STM-39).
pub fn may_hold(row: &SessionRow, me: MemberId) -> Result<(), Refusal> {
    match row.status {
        Some(Status::Active) if is_mine(row, me) => Ok(()),
        Some(Status::Active) => Err(Refusal::NotLead),
        Some(status) if status.ends_leg() => Err(Refusal::Over),
        _ => Err(Refusal::NotActive),
    }
}

/// *Resume*: On hold becomes Active (STM-40).
pub fn may_resume(row: &SessionRow, me: MemberId) -> Result<(), Refusal> {
    match row.status {
        Some(Status::OnHold) if is_mine(row, me) => Ok(()),
        Some(Status::OnHold) => Err(Refusal::NotLead),
        Some(status) if status.ends_leg() => Err(Refusal::Over),
        _ => Err(Refusal::NotOnHold),
    }
}

/// *Close session*: ends it (STM-37, STM-59); where only a code exists, the code is withdrawn.
pub fn may_close(row: &SessionRow, me: MemberId) -> Result<(), Refusal> {
    match row.status {
        Some(status) if status.ends_leg() => Err(Refusal::Over),
        _ if is_mine(row, me) => Ok(()),
        _ => Err(Refusal::NotLead),
    }
}

#[cfg(test)]
mod tests {
    use farhand_protocol::{ids::SessionId, ticket::TechnicianIdentity};

    use super::*;

    fn who(id: i64, name: &str) -> TechnicianIdentity {
        crate::model::sample::identity(id, name)
    }

    fn row(id: i64, name: &str, status: Option<Status>, since: i64, lead: Option<i64>) -> SessionRow {
        SessionRow {
            session_id: SessionId(id),
            name: name.into(),
            fields: vec![],
            status,
            since: Timestamp(since),
            created_at: Timestamp(0),
            lead: lead.map(|id| who(id, "Lead")),
            issued_by: who(1, "Ada Kern"),
            platform: None,
            device: None,
            comment: String::new(),
            expires_at: None,
            waiting_ends_at: None,
            customer_online: true,
        }
    }

    #[test]
    fn a_row_turns_red_a_minute_before_its_limit_or_half_way_to_a_short_one() {
        let alarm_at = |limit_millis: Option<i64>, waited_millis: i64| {
            let waiting_ends_at = limit_millis.map(|limit| Timestamp(1_000 + limit));
            let row = SessionRow {
                waiting_ends_at,
                ..row(1, "Zoe", Some(Status::Waiting), 1_000, None)
            };
            alarm(&row, Timestamp(1_000 + waited_millis))
        };
        assert_eq!(alarm_at(Some(1_800_000), 119_999), Alarm::None);
        assert_eq!(alarm_at(Some(1_800_000), 1_739_999), Alarm::Soon);
        assert_eq!(alarm_at(Some(1_800_000), 1_740_000), Alarm::Now);
        assert_eq!(alarm_at(Some(60_000), 29_999), Alarm::None);
        assert_eq!(alarm_at(Some(60_000), 30_000), Alarm::Now);
        assert_eq!(alarm_at(None, 300_000), Alarm::Now);
    }

    #[test]
    fn rows_are_filtered_and_sorted_with_ended_ones_last() {
        let rows = [
            row(1, "Zoe", Some(Status::Active), 10, Some(1)),
            row(2, "Max", Some(Status::ClosedByCustomer), 40, Some(1)),
            row(3, "adam", Some(Status::Waiting), 20, None),
            row(4, "Other", Some(Status::Active), 30, Some(2)),
        ];
        let names =
            |list: &ListState| -> Vec<String> { shown(rows.iter(), list, MemberId(1)).iter().map(|row| row.name.clone()).collect() };
        let by_name = ListState {
            sort: Column::Name,
            ..ListState::default()
        };
        assert_eq!(names(&by_name), ["adam", "Zoe", "Max"]);
        assert_eq!(
            names(&ListState {
                descending: true,
                ..by_name.clone()
            }),
            ["Zoe", "adam", "Max"]
        );
        assert_eq!(
            names(&ListState {
                filter: " AD".into(),
                ..by_name.clone()
            }),
            ["adam", "Zoe", "Max"]
        );
        assert_eq!(
            names(&ListState {
                filter: "adam".into(),
                ..by_name.clone()
            }),
            ["adam"]
        );
        assert_eq!(
            names(&ListState {
                kind: ListKind::Queue,
                ..by_name
            }),
            ["adam"]
        );
    }

    #[test]
    fn every_state_allows_what_the_state_machine_allows() {
        let me = MemberId(1);
        for status in Status::ALL {
            let mine = row(1, "x", Some(status), 0, Some(1));
            assert_eq!(may_start(&mine, me).is_ok(), status.can_be_started(), "{status}");
            assert_eq!(may_hold(&mine, me).is_ok(), status == Status::Active, "{status}");
            assert_eq!(may_resume(&mine, me).is_ok(), status == Status::OnHold, "{status}");
            assert_eq!(may_close(&mine, me).is_ok(), !status.ends_leg(), "{status}");
            let theirs = row(1, "x", Some(status), 0, Some(2));
            assert!(may_hold(&theirs, me).is_err() && may_close(&theirs, me).is_err(), "{status}");
        }
        let code = row(1, "x", None, 0, None);
        assert_eq!((may_start(&code, me), may_close(&code, me)), (Err(Refusal::CodeOnly), Ok(())));
        assert_eq!(may_close(&code, MemberId(2)), Err(Refusal::NotLead), "another technician's code");
    }

    #[test]
    fn a_waiting_row_calls_louder_the_longer_it_waits() {
        let waiting = row(1, "x", Some(Status::Waiting), 0, None);
        assert_eq!(alarm(&waiting, Timestamp(119_999)), Alarm::None);
        assert_eq!(alarm(&waiting, Timestamp(120_000)), Alarm::Soon);
        assert_eq!(alarm(&waiting, Timestamp(300_000)), Alarm::Now);
        assert_eq!(alarm(&row(1, "x", Some(Status::Active), 0, None), Timestamp(900_000)), Alarm::None);
        assert_eq!(
            alarm(&row(1, "x", Some(Status::TimedOut), 0, None), Timestamp(0)),
            Alarm::Now,
            "STM-14"
        );
    }
}
