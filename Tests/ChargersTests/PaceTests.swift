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

    @Test("a reader waits while too much waits for us, and goes on when something was dealt with")
    func waiting() async throws {
        let pace = ReadingPace(.init(bucket: 100, refill: .seconds(1), waiting: 2))
        try await pace.read()
        let (returned, done) = AsyncStream<Void>.makeStream()
        async let second: Void = {
            try await pace.read()
            done.yield()
        }()

        pace.done()

        for await _ in returned { break }
        try await second
    }

    @Test("a reader that waits is let go at the end")
    func end() async throws {
        let pace = ReadingPace(.init(bucket: 100, refill: .seconds(1), waiting: 1))
        async let reading: Void = pace.read()

        pace.end()

        try await reading
    }

    // exception(T20): a pace is a matter of real time.
    @Test("a station that says more than its bucket holds is read more slowly, and loses nothing")
    func bucket() async throws {
        let pace = ReadingPace(.init(bucket: 3, refill: .milliseconds(20), waiting: 1000))
        let start = ContinuousClock.now

        for _ in 0..<13 { try await pace.read() }

        // Ten messages beyond the bucket, 20 ms each.
        #expect(ContinuousClock.now - start >= .milliseconds(180))
    }
}
