// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities
import Tariffs
import Testing

/// `amptill price --explain` (tariffs.md §8): the timeline as segments, each with what priced it.
@Suite("The timeline, explained")
struct TimelineTableTests {
    private func rated() throws -> Rated {
        let night = element(price(.energy, "0.29")) {
            $0.startTime = ClockTime("23:00")
            $0.endTime = ClockTime("06:00")
        }
        let rest = element(
            price(.energy, "0.49"), price(.parking, "6").after(graceSeconds: 300, atMost: nil),
            price(.flat, "1"))
        return try rate(
            try offer(night, rest, mode: .none),
            stretch("2026-03-02T21:00:00Z", "2026-03-02T23:00:00Z", kWh: "20"),
            stretch("2026-03-02T23:00:00Z", "2026-03-02T23:10:00Z", .parking), zone: Zones.centralEurope)
    }

    @Test("each segment stands on the clocks of the place with what priced it and why")
    func table() throws {
        let lines = try rated().timeline(in: Zones.centralEurope).split(separator: "\n")
        #expect(
            lines.filter { !$0.hasPrefix("─") }.joined(separator: "\n") == """
                Europe/Amsterdam  time         state     energy  priced by
                2026-03-02        22:00–23:00  charging  10 kWh  energy: 0.49 (element 1: always); flat: 1 (element 1: always)
                                  23:00–00:00  charging  10 kWh  energy: 0.29 (element 0: 23:00 to 06:00)
                2026-03-03        00:00–00:05  idle
                                  00:05–00:10  idle              idle: 6 (element 1: always)
                """)
        #expect(Set(lines[1]) == ["─"])
    }

    @Test("as JSON the segments stand behind the bill")
    func json() throws {
        let answer = try JSON.parse(try rated().explainedJSON)

        #expect(answer["total"]?["after_tax"] == 930)
        let segments = answer["segments"]?.array ?? []
        #expect(segments.compactMap { $0["kwh"]?.string } == ["10", "10", "0", "0"])
        #expect(segments[1]["energy"] == ["element": 0, "component": 0])
        #expect(segments[2]["idle"] == .null)
        #expect(segments[3]["idle"] == ["element": 1, "component": 1])
    }
}
