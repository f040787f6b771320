//! Asking the customer (APP-24 to APP-35). Sans-I/O: requests, answers and `now` come in; what to show and what was
//! settled goes out.
//!
//! ```text
//! request ──► granted already ──► Already          ──► question ──► Allowed | Refused | TimedOut after 120 s | withdrawn
//!         ──► given in advance ──► InAdvance       ──► beyond what can be allowed, or too soon ──► Refused
//!         ──► said before, under the same name ──► Answered, as it was then
//! ```
//!
//! Nobody is worn down by questions: after *Don't allow*, silence, or STOP while it was being asked, the same technician may not ask for the same
//! capability for [`FIRST_PAUSE`], and twice as long after each further refusal, up to [`LONGEST_PAUSE`]; *Allow* ends it. None of the three begins a
//! pause at the start of the session, before anything was attempted (APP-29). A viewer that may have missed an answer, because its link was lost,
//! says its request again; the customer is not asked again for that.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    ids::MemberId,
    peer::ConsentAnswer,
    permission::{Capability, CapabilitySet, Grant},
    ticket::TechnicianIdentity,
};
use uuid::Uuid;

/// Without an answer for this long a question counts as refused (APP-33).
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(120);
/// Most questions of one technician at a time.
const MAX_QUESTIONS: usize = 4;
/// After a first refusal the same is not asked again for this long.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(15);
/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// Most requests that wait for the same question.
const MAX_JOINED: usize = 16;
/// Most answers of one technician that are remembered; the oldest go first.
const MAX_ANSWERED: usize = MAX_QUESTIONS * MAX_JOINED;

/// How often the customer is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Each action by itself (APP-24).
    EachAction,
    /// Once, for everything (APP-25, and APP-27 which overrides APP-24).
    Once,
}

/// What the person who asks has and could have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    /// Ceiling ∩ local policy.
    pub(super) possible: CapabilitySet,
    /// Effective now.
    pub(super) effective: CapabilitySet,
    /// Allowed on the applet's command line.
    pub(super) in_advance: CapabilitySet,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Asked {
    /// It is effective already.
    Already,
    /// The local person gave it in advance: allow this and say so.
    InAdvance(CapabilitySet),
    /// Show this question.
    Question {
        /// Names it.
        question_id: Uuid,
        /// What is asked.
        capabilities: CapabilitySet,
    },
    /// A question that covers it is being shown already.
    Joined,
    /// This very request was answered before.
    Answered(ConsentAnswer),
    /// It cannot be asked.
    Refused(ErrorBody),
}

/// A question that is over.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settled {
    /// The question as shown.
    pub(super) question_id: Uuid,
    /// Who asked.
    pub(super) member: MemberId,
    /// What they are called: they may have left by now.
    pub(super) name: String,
    /// The requests it answers.
    pub(super) requests: Vec<Uuid>,
    /// What was asked.
    pub(super) capabilities: CapabilitySet,
    /// How it was answered.
    pub(super) answer: ConsentAnswer,
    /// The customer did not say so: the question went with the technician, or with the state of the session it was asked in.
    pub(super) was_withdrawn: bool,
}

#[derive(Debug)]
struct Question {
    question_id: Uuid,
    member: MemberId,
    name: String,
    /// The requests it answers, each with what it needs.
    requests: Vec<(Uuid, CapabilitySet)>,
    capabilities: CapabilitySet,
    answer_by: Instant,
    /// The technician saw the screen already when this was asked, so control needs no further yes to that.
    sees: bool,
    /// A no to what the technician attempted begins a pause; one at the start of the session does not (APP-29).
    was_attempted: bool,
}

/// How long something may not be asked again, and how often it was refused.
#[derive(Debug, Clone, Copy)]
struct Pause {
    refusals: u32,
    until: Instant,
}

/// Questions that wait for the customer.
#[derive(Debug)]
pub(super) struct Consent {
    mode: Mode,
    questions: Vec<Question>,
    // INVARIANT: bounded by the technicians of the session × the capabilities there are.
    pauses: BTreeMap<(MemberId, Capability), Pause>,
    /// Requests that were answered, as they were. INVARIANT: at most [`MAX_ANSWERED`] for each technician of the session.
    answered: BTreeMap<MemberId, VecDeque<(Uuid, ConsentAnswer)>>,
}

impl Consent {
    /// No questions yet.
    pub(super) fn new(mode: Mode) -> Self {
        Self {
            mode,
            questions: Vec::new(),
            pauses: BTreeMap::new(),
            answered: BTreeMap::new(),
        }
    }

    /// A technician asks for capabilities.
    pub(super) fn handle_request(
        &mut self,
        now: Instant,
        technician: &TechnicianIdentity,
        request_id: Uuid,
        wanted: CapabilitySet,
        scope: &Scope,
    ) -> Asked {
        let member = technician.member_id;
        let wanted = wanted.normalised().minus(Grant::PROMPTLESS);
        if let Some(missing) = wanted.minus(scope.possible).iter().next() {
            return Asked::Refused(ErrorBody::missing(missing.permission().key()));
        }
        let wanted = wanted.minus(scope.effective);
        if wanted.is_empty() {
            return Asked::Already;
        }
        if let Some(answer) = self.answer_before(member, request_id) {
            return Asked::Answered(answer);
        }
        if scope.in_advance.has_all(wanted) {
            self.remember(member, &[request_id], ConsentAnswer::AllowedInAdvance);
            return Asked::InAdvance(wanted);
        }
        if let Some(left) = wanted.iter().filter_map(|one| self.pause_left(now, member, one)).max() {
            let secs = u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
            let message = format!("the customer has not allowed it; it may be asked again in {secs} s");
            return Asked::Refused(ErrorBody::new(ErrorCode::ConsentTooSoon, message).retry_after(secs));
        }
        let asked = match self.mode {
            Mode::EachAction => wanted,
            Mode::Once => all_at_once(scope)
                .iter()
                .filter(|one| self.pause_left(now, member, *one).is_none())
                .fold(wanted, CapabilitySet::with),
        };
        let sees = scope.effective.has(Capability::View);
        self.ask(now, technician, request_id, (wanted, asked), (sees, true))
    }

    /// What to ask right when a technician has joined, where the group says so (APP-27).
    pub(super) fn handle_start(&mut self, now: Instant, technician: &TechnicianIdentity, question_id: Uuid, scope: &Scope) -> Asked {
        let wanted = all_at_once(scope);
        if wanted.is_empty() {
            return Asked::Already;
        }
        if scope.in_advance.has_all(wanted) {
            return Asked::InAdvance(wanted);
        }
        let sees = scope.effective.has(Capability::View);
        self.ask(now, technician, question_id, (wanted, wanted), (sees, false))
    }

    /// How this very request was answered, if it was. A yes that is not effective any more was taken back since, which is a no.
    fn answer_before(&self, member: MemberId, request_id: Uuid) -> Option<ConsentAnswer> {
        let answered = self.answered.get(&member)?;
        let (_, answer) = answered.iter().find(|(known, _)| *known == request_id)?;
        Some(match answer {
            ConsentAnswer::TimedOut => ConsentAnswer::TimedOut,
            _ => ConsentAnswer::Refused,
        })
    }

    fn remember(&mut self, member: MemberId, requests: &[Uuid], answer: ConsentAnswer) {
        let answered = self.answered.entry(member).or_default();
        answered.extend(requests.iter().map(|request_id| (*request_id, answer)));
        let too_many = answered.len().saturating_sub(MAX_ANSWERED);
        answered.drain(..too_many);
    }

    /// What is left of the pause after refusals, if any.
    fn pause_left(&self, now: Instant, member: MemberId, one: Capability) -> Option<Duration> {
        let pause = self.pauses.get(&(member, one))?;
        Some(pause.until.saturating_duration_since(now)).filter(|left| !left.is_zero())
    }

    /// The customer said no to this of what was attempted, or nothing: the same is not asked again for a while, and for longer each time.
    fn note_refused(&mut self, now: Instant, question: &Question, refused: CapabilitySet) {
        for one in refused.iter().filter(|_| question.was_attempted) {
            let key = (question.member, one);
            let pause = self.pauses.entry(key).or_insert(Pause { refusals: 0, until: now });
            let length = FIRST_PAUSE.saturating_mul(1 << pause.refusals.min(16)).min(LONGEST_PAUSE);
            *pause = Pause {
                refusals: pause.refusals + 1,
                until: now + length,
            };
        }
    }

    fn ask(
        &mut self,
        now: Instant,
        technician: &TechnicianIdentity,
        request_id: Uuid,
        (needs, capabilities): (CapabilitySet, CapabilitySet),
        (sees, was_attempted): (bool, bool),
    ) -> Asked {
        let member = technician.member_id;
        let covering = self
            .questions
            .iter_mut()
            .find(|q| q.member == member && q.capabilities.has_all(capabilities));
        if let Some(question) = covering {
            question.was_attempted |= was_attempted;
            if question.requests.len() < MAX_JOINED && question.requests.iter().all(|(known, _)| *known != request_id) {
                question.requests.push((request_id, needs));
            }
            return Asked::Joined;
        }
        let of_this_member = self.questions.iter().filter(|q| q.member == member).count();
        if of_this_member >= MAX_QUESTIONS || self.questions.iter().any(|q| q.question_id == request_id) {
            return Asked::Refused(ErrorBody::new(ErrorCode::RequestLimited, "the customer is being asked already"));
        }
        self.questions.push(Question {
            question_id: request_id,
            member,
            name: technician.name.clone(),
            requests: vec![(request_id, needs)],
            capabilities,
            answer_by: now + ANSWER_WITHIN,
            sees,
            was_attempted,
        });
        Asked::Question {
            question_id: request_id,
            capabilities,
        }
    }

    /// The customer answered: allowed these of what was asked, or nothing. Empty when the question is not (or no longer) there. A request
    /// that needs more than was allowed is refused.
    pub(super) fn handle_answer(&mut self, now: Instant, question_id: Uuid, allowed: CapabilitySet) -> Vec<Settled> {
        let Some(at) = self.questions.iter().position(|q| q.question_id == question_id) else {
            return Vec::new();
        };
        let question = self.questions.remove(at);
        let allowed = question.capabilities.and(if question.sees || allowed.has(Capability::View) {
            allowed
        } else {
            allowed.without(Capability::Control)
        });
        for one in allowed.iter() {
            self.pauses.remove(&(question.member, one));
        }
        let refused = question.capabilities.minus(allowed);
        self.note_refused(now, &question, refused);
        if allowed.is_empty() {
            return vec![self.settle(question, ConsentAnswer::Refused)];
        }
        let (met, unmet) = question.requests.iter().copied().partition(|(_, needs)| allowed.has_all(*needs));
        let part = |capabilities, requests| Question {
            name: question.name.clone(),
            requests,
            capabilities,
            ..question
        };
        let mut settled = vec![self.settle(part(allowed, met), ConsentAnswer::Allowed)];
        if !refused.is_empty() {
            settled.push(self.settle(part(refused, unmet), ConsentAnswer::Refused));
        }
        settled
    }

    /// Questions whose time is up.
    pub(super) fn handle_time(&mut self, now: Instant) -> Vec<Settled> {
        self.decline(now, |q| q.answer_by <= now, ConsentAnswer::TimedOut)
    }

    /// STOP: a no to everything that is being asked.
    pub(super) fn handle_stop(&mut self, now: Instant) -> Vec<Settled> {
        self.decline(now, |_| true, ConsentAnswer::Refused)
    }

    /// Ends questions with a no, which counts as much as *Don't allow*.
    fn decline(&mut self, now: Instant, which: impl Fn(&Question) -> bool, answer: ConsentAnswer) -> Vec<Settled> {
        let declined = self.take(which);
        for question in &declined {
            self.note_refused(now, question, question.capabilities);
        }
        declined.into_iter().map(|question| self.settle(question, answer)).collect()
    }

    /// When [`Self::handle_time`] has something to do.
    pub(super) fn poll_deadline(&self) -> Option<Instant> {
        self.questions.iter().map(|q| q.answer_by).min()
    }

    /// Withdraws the questions of one technician, or all. Who asked is told a no, since nothing was allowed; as the customer said nothing, the same
    /// request may be asked again.
    pub(super) fn withdraw(&mut self, member: Option<MemberId>) -> Vec<Settled> {
        let withdrawn = self.take(|q| member.is_none_or(|m| m == q.member));
        let told = withdrawn.into_iter().map(|question| Settled {
            was_withdrawn: true,
            ..outcome(question, ConsentAnswer::Refused)
        });
        told.collect()
    }

    fn take(&mut self, which: impl Fn(&Question) -> bool) -> Vec<Question> {
        let (over, open) = std::mem::take(&mut self.questions).into_iter().partition(which);
        self.questions = open;
        over
    }

    /// A question that somebody answered, or nobody did in time.
    fn settle(&mut self, question: Question, answer: ConsentAnswer) -> Settled {
        let settled = outcome(question, answer);
        self.remember(settled.member, &settled.requests, answer);
        settled
    }
}

fn outcome(question: Question, answer: ConsentAnswer) -> Settled {
    let Question {
        question_id,
        member,
        name,
        requests,
        capabilities,
        ..
    } = question;
    Settled {
        question_id,
        member,
        name,
        requests: requests.into_iter().map(|(id, _)| id).collect(),
        capabilities,
        answer,
        was_withdrawn: false,
    }
}

/// Everything one yes covers: never recording, which always asks by itself (APP-31).
fn all_at_once(scope: &Scope) -> CapabilitySet {
    scope
        .possible
        .minus(Grant::PROMPTLESS)
        .without(Capability::Record)
        .minus(scope.effective)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: MemberId = MemberId(1);
    const VIEW: CapabilitySet = CapabilitySet::EMPTY.with(Capability::View);
    const BOTH: CapabilitySet = VIEW.with(Capability::Control);

    fn technician(member_id: MemberId) -> TechnicianIdentity {
        TechnicianIdentity {
            member_id,
            name: format!("Technician {}", member_id.0),
            organisation: "ACME".into(),
        }
    }

    #[test]
    fn a_question_that_is_withdrawn_keeps_its_name_and_is_no_answer_of_the_customer() {
        let mut consent = Consent::new(Mode::EachAction);
        ask(&mut consent, 1, VIEW, &scope());
        let withdrawn = consent.withdraw(Some(ADA)).pop().unwrap();
        assert_eq!((withdrawn.name.as_str(), withdrawn.was_withdrawn), ("Technician 1", true));
        assert_eq!(withdrawn.answer, ConsentAnswer::Refused);
        // Nobody said no, so the same may be asked at once. STOP is a no.
        ask(&mut consent, 2, VIEW, &scope());
        let stopped = consent.handle_stop(Instant::now()).pop().unwrap();
        assert_eq!((stopped.name.as_str(), stopped.was_withdrawn), ("Technician 1", false));
    }

    #[test]
    fn a_customer_may_allow_to_be_seen_and_not_to_be_steered() {
        let now = Instant::now();
        let mut consent = Consent::new(Mode::Once);
        let (view, control) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(matches!(
            consent.handle_request(now, &technician(ADA), view, VIEW, &scope()),
            Asked::Question { .. }
        ));
        assert_eq!(
            consent.handle_request(now, &technician(ADA), control, BOTH, &scope()),
            Asked::Joined
        );
        let settled = consent.handle_answer(now, view, VIEW);
        assert_eq!(
            (settled[0].answer, settled[0].capabilities, &settled[0].requests[..]),
            (ConsentAnswer::Allowed, VIEW, &[view][..])
        );
        assert_eq!(
            (settled[1].answer, &settled[1].requests[..]),
            (ConsentAnswer::Refused, &[control][..])
        );
        assert!(settled[1].capabilities.has(Capability::Control));
    }

    #[test]
    fn who_sees_already_is_allowed_to_steer_by_a_yes_to_steering() {
        let now = Instant::now();
        for mode in [Mode::Once, Mode::EachAction] {
            let mut consent = Consent::new(mode);
            let seeing = Scope {
                effective: VIEW,
                ..scope()
            };
            let control = Uuid::from_u128(2);
            let Asked::Question { capabilities, .. } = consent.handle_request(now, &technician(ADA), control, BOTH, &seeing) else {
                panic!()
            };
            assert!(capabilities.has(Capability::Control) && !capabilities.has(Capability::View));
            let settled = consent.handle_answer(now, control, capabilities);
            assert_eq!(
                settled.iter().map(|one| (one.answer, one.capabilities)).collect::<Vec<_>>(),
                [(ConsentAnswer::Allowed, capabilities)]
            );
        }
    }

    fn scope() -> Scope {
        Scope {
            possible: CapabilitySet::all(),
            effective: Grant::PROMPTLESS,
            in_advance: CapabilitySet::EMPTY,
        }
    }

    fn ask(consent: &mut Consent, id: u128, wanted: CapabilitySet, scope: &Scope) -> Asked {
        consent.handle_request(Instant::now(), &technician(ADA), Uuid::from_u128(id), wanted, scope)
    }

    #[test]
    fn each_action_asks_for_itself_and_control_for_seeing_too() {
        let mut consent = Consent::new(Mode::EachAction);
        let asked = ask(&mut consent, 1, CapabilitySet::EMPTY.with(Capability::Control), &scope());
        assert_eq!(
            asked,
            Asked::Question {
                question_id: Uuid::from_u128(1),
                capabilities: BOTH
            }
        );
        assert_eq!(ask(&mut consent, 2, VIEW, &scope()), Asked::Joined);
        let now = Instant::now();
        let settled = consent.handle_answer(now, Uuid::from_u128(1), CapabilitySet::all()).pop().unwrap();
        assert_eq!(
            (settled.answer, settled.requests.len(), settled.capabilities),
            (ConsentAnswer::Allowed, 2, BOTH)
        );
        assert_eq!(consent.handle_answer(now, Uuid::from_u128(1), CapabilitySet::all()), []);
        assert_eq!(
            ask(
                &mut consent,
                3,
                VIEW,
                &Scope {
                    effective: BOTH,
                    ..scope()
                }
            ),
            Asked::Already
        );
    }

    #[test]
    fn one_yes_covers_everything_but_recording() {
        let mut consent = Consent::new(Mode::Once);
        let Asked::Question { capabilities, .. } = ask(&mut consent, 1, VIEW, &scope()) else {
            panic!()
        };
        assert!(capabilities.has(Capability::Reboot) && capabilities.has(Capability::Control));
        assert!(!capabilities.has(Capability::Record));
        let record = CapabilitySet::EMPTY.with(Capability::Record);
        let Asked::Question { capabilities, .. } = ask(&mut consent, 2, record, &scope()) else {
            panic!()
        };
        assert!(capabilities.has(Capability::Record));
    }

    #[test]
    fn silence_for_120_seconds_is_a_refusal_and_not_a_moment_earlier() {
        let mut consent = Consent::new(Mode::EachAction);
        let start = Instant::now();
        consent.handle_request(start, &technician(ADA), Uuid::from_u128(1), VIEW, &scope());
        assert_eq!(consent.poll_deadline(), Some(start + ANSWER_WITHIN));
        assert!(consent.handle_time(start + ANSWER_WITHIN - Duration::from_millis(1)).is_empty());
        assert_eq!(consent.handle_time(start + ANSWER_WITHIN)[0].answer, ConsentAnswer::TimedOut);
        assert_eq!(consent.poll_deadline(), None);
    }

    #[test]
    fn what_was_given_in_advance_is_not_asked_and_what_goes_beyond_is() {
        let mut consent = Consent::new(Mode::EachAction);
        let scope = Scope {
            in_advance: VIEW,
            ..scope()
        };
        assert_eq!(ask(&mut consent, 1, VIEW, &scope), Asked::InAdvance(VIEW));
        assert!(matches!(
            ask(&mut consent, 2, BOTH, &scope),
            Asked::Question { capabilities: BOTH, .. }
        ));
    }

    #[test]
    fn beyond_the_ceiling_there_is_nothing_to_ask() {
        let mut consent = Consent::new(Mode::Once);
        let Asked::Refused(error) = ask(&mut consent, 1, BOTH, &Scope { possible: VIEW, ..scope() }) else {
            panic!()
        };
        assert_eq!(error.permission.as_deref(), Some("remote_control"));
    }

    fn secs_of(asked: &Asked) -> u32 {
        match asked {
            Asked::Refused(error) if error.code == ErrorCode::ConsentTooSoon => error.retry_after_secs.unwrap(),
            other => panic!("{other:?} is not a refusal for now"),
        }
    }

    #[test]
    fn after_each_no_the_same_technician_waits_longer_before_asking_for_the_same() {
        let mut consent = Consent::new(Mode::EachAction);
        let mut now = Instant::now();
        let mut pauses = Vec::new();
        for id in 1..10 {
            let asked = consent.handle_request(now, &technician(ADA), Uuid::from_u128(id), VIEW, &scope());
            assert!(matches!(asked, Asked::Question { .. }));
            consent.handle_answer(now, Uuid::from_u128(id), CapabilitySet::EMPTY);
            // More than what was refused is the same and more.
            for wanted in [VIEW, BOTH] {
                let again = consent.handle_request(now, &technician(ADA), Uuid::from_u128(100 + id), wanted, &scope());
                assert_eq!(
                    secs_of(&again),
                    *pauses.last().filter(|_| wanted == BOTH).unwrap_or(&secs_of(&again))
                );
                pauses.push(secs_of(&again));
            }
            now += Duration::from_secs(u64::from(*pauses.last().unwrap()));
        }
        pauses.dedup();
        assert_eq!(pauses, [15, 30, 60, 120, 240, 480, 900]);
        // A yes ends it, and the next no begins anew.
        consent.handle_request(now, &technician(ADA), Uuid::from_u128(50), VIEW, &scope());
        consent.handle_answer(now, Uuid::from_u128(50), VIEW);
        consent.handle_request(now, &technician(ADA), Uuid::from_u128(51), VIEW, &scope());
        consent.handle_answer(now, Uuid::from_u128(51), CapabilitySet::EMPTY);
        assert_eq!(
            secs_of(&consent.handle_request(now, &technician(ADA), Uuid::from_u128(52), VIEW, &scope())),
            15
        );
    }

    #[test]
    fn a_no_holds_back_nobody_else_and_nothing_else_and_not_the_one_at_the_start() {
        let now = Instant::now();
        let mut consent = Consent::new(Mode::Once);
        consent.handle_start(now, &technician(ADA), Uuid::from_u128(1), &scope());
        consent.handle_answer(now, Uuid::from_u128(1), CapabilitySet::EMPTY);
        let reboot = CapabilitySet::EMPTY.with(Capability::Reboot);
        assert!(matches!(ask(&mut consent, 2, VIEW, &scope()), Asked::Question { .. }), "APP-29");
        // Only seeing is refused; the rest of what one yes covers may still be asked, without it.
        consent.handle_answer(now, Uuid::from_u128(2), CapabilitySet::all().minus(BOTH));
        let Asked::Question { capabilities, .. } = ask(&mut consent, 3, reboot, &scope()) else {
            panic!()
        };
        assert!(capabilities.has(Capability::Reboot) && !capabilities.has(Capability::View));
        let ben = consent.handle_request(now, &technician(MemberId(2)), Uuid::from_u128(4), VIEW, &scope());
        assert!(matches!(ben, Asked::Question { .. }));
        // STOP is a no to what is being asked at that moment.
        assert_eq!(consent.handle_stop(now).len(), 2);
        assert_eq!(secs_of(&ask(&mut consent, 5, reboot, &scope())), 15);
    }

    #[test]
    fn a_no_at_the_start_begins_no_pause_by_silence_or_stop_either() {
        let mut now = Instant::now();
        let mut consent = Consent::new(Mode::Once);
        consent.handle_start(now, &technician(ADA), Uuid::from_u128(1), &scope());
        now += ANSWER_WITHIN;
        assert_eq!(consent.handle_time(now)[0].answer, ConsentAnswer::TimedOut);
        consent.handle_start(now, &technician(ADA), Uuid::from_u128(2), &scope());
        assert_eq!(consent.handle_stop(now)[0].answer, ConsentAnswer::Refused);
        let asked = consent.handle_request(now, &technician(ADA), Uuid::from_u128(3), VIEW, &scope());
        assert!(matches!(asked, Asked::Question { .. }), "APP-29");
        // Now that it was attempted, STOP is a no like any other.
        consent.handle_stop(now);
        let asked = consent.handle_request(now, &technician(ADA), Uuid::from_u128(4), VIEW, &scope());
        assert_eq!(secs_of(&asked), 15);
    }

    #[test]
    fn a_request_that_is_said_again_gets_the_answer_it_had_and_asks_nobody() {
        let (one, two, three) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        let mut now = Instant::now();
        let mut consent = Consent::new(Mode::EachAction);
        let again = |consent: &mut Consent, now, member, id| consent.handle_request(now, &technician(member), id, VIEW, &scope());
        again(&mut consent, now, ADA, one);
        assert_eq!(again(&mut consent, now, ADA, two), Asked::Joined);
        consent.handle_answer(now, one, CapabilitySet::EMPTY);
        now += LONGEST_PAUSE;
        for id in [one, two] {
            assert_eq!(again(&mut consent, now, ADA, id), Asked::Answered(ConsentAnswer::Refused));
        }
        // Another's request of that name is another request.
        assert!(matches!(again(&mut consent, now, MemberId(2), one), Asked::Question { .. }));
        assert!(matches!(again(&mut consent, now, ADA, three), Asked::Question { .. }));
        now += ANSWER_WITHIN;
        assert_eq!(consent.handle_time(now).len(), 2);
        now += LONGEST_PAUSE;
        assert_eq!(again(&mut consent, now, ADA, three), Asked::Answered(ConsentAnswer::TimedOut));
        // A question that was withdrawn was not answered.
        let four = Uuid::from_u128(4);
        again(&mut consent, now, ADA, four);
        consent.withdraw(Some(ADA));
        assert!(matches!(again(&mut consent, now, ADA, four), Asked::Question { .. }));
    }

    #[test]
    fn a_yes_that_was_taken_back_is_a_no_to_the_request_it_answered() {
        let now = Instant::now();
        let mut consent = Consent::new(Mode::EachAction);
        let in_advance = Scope {
            in_advance: VIEW,
            ..scope()
        };
        assert_eq!(ask(&mut consent, 1, VIEW, &in_advance), Asked::InAdvance(VIEW));
        ask(&mut consent, 2, VIEW, &scope());
        consent.handle_answer(now, Uuid::from_u128(2), VIEW);
        let seeing = Scope {
            effective: VIEW,
            ..scope()
        };
        for id in [1, 2] {
            assert_eq!(ask(&mut consent, id, VIEW, &seeing), Asked::Already);
            assert_eq!(ask(&mut consent, id, VIEW, &scope()), Asked::Answered(ConsentAnswer::Refused));
        }
    }

    #[test]
    fn only_the_last_answers_are_remembered() {
        let now = Instant::now();
        let mut consent = Consent::new(Mode::EachAction);
        for id in 0..200 {
            ask(&mut consent, id, VIEW, &scope());
            consent.handle_answer(now, Uuid::from_u128(id), VIEW);
        }
        assert_eq!(consent.answered[&ADA].len(), MAX_ANSWERED);
        assert_eq!(ask(&mut consent, 199, VIEW, &scope()), Asked::Answered(ConsentAnswer::Refused));
    }

    #[test]
    fn a_technician_cannot_bury_the_customer_in_questions() {
        let mut consent = Consent::new(Mode::EachAction);
        let asked: Vec<Asked> = [
            Capability::View,
            Capability::Reboot,
            Capability::Scripts,
            Capability::SystemInfo,
            Capability::Urls,
        ]
        .iter()
        .zip(1..)
        .map(|(one, id)| ask(&mut consent, id, CapabilitySet::EMPTY.with(*one), &scope()))
        .collect();
        assert!(asked[..4].iter().all(|a| matches!(a, Asked::Question { .. })));
        assert!(matches!(&asked[4], Asked::Refused(e) if e.code == ErrorCode::RequestLimited));
        assert_eq!(consent.withdraw(Some(ADA)).len(), 4);
    }
}
