// SPDX-License-Identifier: Apache-2.0
import OCPP
import Testing

@Suite("Times of stations")
struct TimestampTests {
    @Test(
        "C21: times are read in every form that has one meaning",
        arguments: [
            ("2026-11-24T12:00:00Z", 0, false), ("2026-11-24T12:00:00.250Z", 250_000_000, false),
            ("2026-11-24T14:00:00+02:00", 0, false), ("2026-11-24T07:30:00.000000001-04:30", 1, false),
            ("2026-11-24T12:00:00", 0, true), ("2026-11-24 12:00:00Z", 0, true),
            ("2026-11-24t12:00:00z", 0, true), ("2026-11-24T12:00:00,5Z", 500_000_000, true),
            ("2026-11-24T14:00:00+0200", 0, true), ("2026-11-24T14:00:00+02", 0, true),
            ("2026-11-24T12:00Z", 0, true), (" 2026-11-24T12:00:00Z ", 0, true),
            ("2026-11-24T11:59:60Z", 0, true), ("2026-11-24T12:00:00.1234567894Z", 123_456_789, false),
        ])
    func read(text: String, afterNoon: Int64, odd: Bool) throws {
        // 2026-11-24 is day 20,781 after the epoch: 56 years with 14 leap days make 20,454, and 327 days follow.
        let noon: Int64 = (20_781 * 86_400 + 43_200) * 1_000_000_000

        let timestamp = try #require(Timestamp(text))

        #expect(timestamp.nanoseconds - noon == afterNoon)
        #expect((timestamp.oddity != nil) == odd)
        #expect(timestamp.text == text)
    }

    @Test(
        "what is no time is nothing",
        arguments: [
            "", "now", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
            "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01",
            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+25:00", "2026-01-01T00:00:00Zx",
            "0000-00-00T00:00:00Z",
            "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00+1",
            "24.11.2026 12:00",
        ])
    func refused(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("C20: times are written in UTC with Z and milliseconds, and read back")
    func written() {
        #expect(Timestamp.text(nanoseconds: 0) == "1970-01-01T00:00:00.000Z")
        #expect(Timestamp.text(nanoseconds: -1) == "1969-12-31T23:59:59.999Z")
        #expect(Timestamp.text(nanoseconds: 1_709_210_096_007_000_000) == "2024-02-29T12:34:56.007Z")

        let seed: UInt64 = 1970
        var random = SplitMix64(seed: seed)
        for _ in 0..<5_000 {
            let milliseconds = Int64.random(in: 0...7_250_000_000_000, using: &random)
            let text = Timestamp.text(nanoseconds: milliseconds * 1_000_000)
            #expect(Timestamp(text)?.nanoseconds == milliseconds * 1_000_000, "seed \(seed): \(text)")
        }
    }
}
