// SPDX-License-Identifier: Apache-2.0

import Payments
package import Quantities
import Synchronization

/// One breaker per gateway account. It lives in memory: a node that starts anew asks again.
package final class Breakers: Sendable {
    private let state = Mutex<[GatewayAccountID: Breaker]>([:])

    package init() {}

    /// Until when an account is left alone; nil if it is not.
    package func isOpen(_ account: GatewayAccountID, at now: Instant) -> Instant? {
        state.withLock { $0[account]?.isOpen(at: now) }
    }

    /// What sending led to. A 429 is an answer; a 5xx is a doubt like a lost one, and a key that is not known any more
    /// (F19) is as bad. Returns whether the account is left alone from now on.
    @discardableResult
    package func record(_ answer: SentAnswer, of account: GatewayAccountID, at now: Instant) -> Bool {
        state.withLock { state in
            let wasOpen = state[account]?.isOpen(at: now) != nil
            switch answer {
            case .answered(let answer) where answer.status < 500 && answer.status != 401:
                state[account, default: Breaker()].answered()
            case .answered, .lost, .notSent: state[account, default: Breaker()].failed(at: now)
            }
            return !wasOpen && state[account]?.isOpen(at: now) != nil
        }
    }
}
