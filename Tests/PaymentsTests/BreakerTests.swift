// SPDX-License-Identifier: Apache-2.0

import Payments
import Quantities
import Testing

/// When a gateway account is left alone (payments.md §5.1).
@Suite("Breaker")
struct BreakerTests {
    @Test("F16: five failures in a row open it for 30 s; after that one more is enough")
    func opens() {
        var breaker = Breaker()
        for _ in 0..<4 { breaker.failed(at: now) }
        #expect(breaker.isOpen(at: now) == nil)
        breaker.failed(at: now)
        #expect(breaker.isOpen(at: now) == now + .seconds(30))
        #expect(breaker.isOpen(at: now + .seconds(29)) != nil)
        #expect(breaker.isOpen(at: now + .seconds(30)) == nil)
        breaker.failed(at: now + .seconds(31))
        #expect(breaker.isOpen(at: now + .seconds(60)) != nil)
    }

    @Test("one answer in between counts as new")
    func answered() {
        var breaker = Breaker()
        for _ in 0..<4 { breaker.failed(at: now) }
        breaker.answered()
        for _ in 0..<4 { breaker.failed(at: now) }
        #expect(breaker.isOpen(at: now) == nil)
        breaker.failed(at: now)
        breaker.answered()
        #expect(breaker.isOpen(at: now) == nil)
    }

    private let now = Instant(seconds: 1_790_000_000)
}
