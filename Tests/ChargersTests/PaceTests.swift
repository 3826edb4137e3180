// SPDX-License-Identifier: Apache-2.0
import Chargers
import Testing

@Suite("Paces", .timeLimit(.minutes(1)))
struct PaceTests {
    @Test("a second's worth of handshakes comes at once, and who would wait too long is sent away")
    func handshakes() async {
        let pace = HandshakePace(perSecond: 10, patience: .zero)
        var admitted = 0
        for _ in 0..<1000 where await pace.admits() { admitted += 1 }

        // However slow this machine is, a thousand tries do not take the hundred seconds they would need.
        #expect((10..<1000).contains(admitted))
    }

    @Test("who waits a little gets a turn")
    func patience() async {
        let pace = HandshakePace(perSecond: 100, patience: .seconds(30))
        for _ in 0..<120 { #expect(await pace.admits()) }
    }

    @Test("a station that says more than its bucket holds is read more slowly")
    func bucket() {
        let start = ContinuousClock.now
        var pace = ReadingPace(.init(bucket: 3, refill: .milliseconds(20)), at: start)

        let pauses = (0..<5).map { _ in pace.pause(at: start) }

        #expect(pauses == [nil, nil, nil, start + .milliseconds(20), start + .milliseconds(40)])
    }

    @Test("what it did not say is given back, up to a full bucket")
    func refill() {
        let start = ContinuousClock.now
        var pace = ReadingPace(.init(bucket: 3, refill: .milliseconds(20)), at: start)
        for _ in 0..<4 { _ = pace.pause(at: start) }

        // Two turns were earned: one is owed, one is free.
        #expect(pace.pause(at: start + .milliseconds(45)) == nil)
        #expect(pace.pause(at: start + .milliseconds(45)) == start + .milliseconds(60))
        let rested = (0..<4).map { _ in pace.pause(at: start + .seconds(60)) }
        #expect(rested.prefix(3).allSatisfy { $0 == nil } && rested[3] != nil)
    }
}
