//! A circuit breaker: a provider that is down is asked once in a while, not once per request. Pure: it decides, nobody is
//! asked here.

use crate::error::Rejection;
use crate::limits;
use crate::provider::workos::ExchangeRejection;
use crate::time::Timestamp;

/// Whether the provider may be asked. One per isolate, for all sessions.
#[derive(Default)]
pub(crate) struct Breaker {
    failures_in_a_row: u32,
    /// What it said last; none while it is asked freely.
    open: Option<Open>,
}

struct Open {
    rejection: Rejection,
    /// Until then everybody gets that answer.
    until: Timestamp,
    /// How long the pause was, which the next one doubles.
    seconds: i64,
}

/// Leave to ask the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    /// As always.
    Free,
    /// To see whether it is there again.
    Probe,
}

impl Breaker {
    pub(crate) const fn new() -> Self {
        Self { failures_in_a_row: 0, open: None }
    }

    /// Lets a request through, or says what it would hear. Once the pause is over one request goes ahead, and the others wait for
    /// what becomes of it; one that vanishes holds nobody up for longer than an exchange may take.
    ///
    /// # Errors
    /// The last failure.
    pub(crate) fn permit(&mut self, now: Timestamp) -> Result<Permit, ExchangeRejection> {
        let Some(open) = &mut self.open else {
            return Ok(Permit::Free);
        };
        // A pause that lasts longer than any was begun before the clock was set back.
        if now >= open.until || open.until > now.plus_seconds(limits::BREAKER_LONGEST_SECONDS) {
            open.until = now.plus_milliseconds(limits::REFRESH_TIMEOUT_MILLISECONDS.into());
            return Ok(Permit::Probe);
        }
        let seconds = u64::try_from(open.until.seconds_since(now) + 1).unwrap_or(1);
        Err(ExchangeRejection { rejection: open.rejection, retry_after: Some(seconds) })
    }

    /// What came of a request that was let through.
    pub(crate) fn record(&mut self, permit: Permit, rejection: Option<Rejection>, now: Timestamp) {
        let Some(rejection) = rejection.filter(|rejection| is_outage(*rejection)) else {
            // Any other answer was one, so somebody is there.
            *self = Self::new();
            return;
        };
        let seconds = match (&self.open, permit) {
            (None, _) => {
                self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
                if self.failures_in_a_row < limits::BREAKER_FAILURES {
                    return;
                }
                1
            }
            (Some(open), Permit::Probe) => (open.seconds * 2).min(limits::BREAKER_LONGEST_SECONDS),
            // It set out before the pause and says nothing new.
            (Some(_), Permit::Free) => return,
        };
        self.open = Some(Open { rejection, until: now.plus_seconds(seconds), seconds });
    }
}

/// Whether this concerns the provider as a whole. Who limits rates is there, and its limit is kept session by session; a refusal of
/// this client is quick, and asking again is how its end is noticed.
const fn is_outage(rejection: Rejection) -> bool {
    matches!(rejection, Rejection::ProviderTimeout | Rejection::ProviderUnreachable | Rejection::ProviderUnavailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_763_640_000);
    const DOWN: Option<Rejection> = Some(Rejection::ProviderUnavailable);

    fn opened() -> Breaker {
        let mut breaker = Breaker::new();
        for _ in 0..limits::BREAKER_FAILURES {
            let permit = breaker.permit(NOW).unwrap();
            breaker.record(permit, DOWN, NOW);
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_says_for_how_long() {
        let refused = opened().permit(NOW).unwrap_err();
        assert_eq!((refused.rejection, refused.retry_after), (Rejection::ProviderUnavailable, Some(2)));
    }

    #[test]
    fn one_success_between_is_enough_to_stay_closed() {
        let mut breaker = Breaker::new();
        for _ in 0..10 {
            for _ in 1..limits::BREAKER_FAILURES {
                breaker.record(Permit::Free, DOWN, NOW);
            }
            breaker.record(Permit::Free, Some(Rejection::InvalidGrant), NOW);
        }
        assert!(breaker.permit(NOW).is_ok());
    }

    #[test]
    fn what_concerns_one_session_or_this_client_opens_nothing() {
        let mut breaker = Breaker::new();
        for rejection in
            [Rejection::ProviderRateLimited, Rejection::ProviderRefusedClient, Rejection::ProviderAnswerInvalid]
        {
            (0..100).for_each(|_| breaker.record(Permit::Free, Some(rejection), NOW));
            assert!(breaker.permit(NOW).is_ok(), "{rejection}");
        }
    }

    #[test]
    fn after_the_pause_one_goes_ahead_and_a_success_closes() {
        let mut breaker = opened();
        let later = NOW.plus_seconds(1);
        assert_eq!(breaker.permit(later), Ok(Permit::Probe), "one");
        assert!(breaker.permit(later).is_err(), "and no other");
        breaker.record(Permit::Probe, Some(Rejection::ProviderRateLimited), later);
        assert_eq!(
            (breaker.permit(later), breaker.permit(later)),
            (Ok(Permit::Free), Ok(Permit::Free)),
            "somebody is there"
        );
    }

    #[test]
    fn pauses_grow_up_to_a_bound() {
        let (mut breaker, mut now, mut pauses) = (opened(), NOW, Vec::new());
        for _ in 0..7 {
            let start = now;
            while breaker.permit(now).is_err() {
                // Whoever set out before the pause comes back during it.
                breaker.record(Permit::Free, DOWN, now);
                now = now.plus_milliseconds(100);
            }
            pauses.push(now.seconds_since(start));
            breaker.record(Permit::Probe, DOWN, now);
        }
        assert_eq!(pauses, [1, 2, 4, 5, 5, 5, 5]);
    }

    #[test]
    fn one_that_vanished_holds_nobody_up_for_long_and_neither_does_a_clock_that_was_set_back() {
        let mut breaker = opened();
        assert!(breaker.permit(NOW.plus_seconds(1)).is_ok());
        assert!(breaker.permit(NOW.plus_seconds(5)).is_err());
        assert!(breaker.permit(NOW.plus_seconds(6)).is_ok());
        assert!(breaker.permit(NOW.plus_seconds(-3600)).is_ok());
    }
}
