// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `amptill bench rating`: sessions priced per second of one core (tariffs.md §15).
struct RatingBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rating",
        abstract: "Measure sessions priced per second of one core.",
        discussion: """
            One thread, in CPU time of that thread. The first figure prices a session that is decoded already, the \
            second decodes the session's JSON too, the third the tariff's as well, as a line of a batch does. Use a \
            release build: make bench.
            """)

    @Option(help: "Seconds of CPU for each figure.")
    var seconds = 2

    func validate() throws {
        guard (1...600).contains(seconds) else { throw ValidationError("--seconds must be 1 to 600.") }
    }

    func run() async throws {
        try await Ending.explained {
            Lines.output(Machine.description + "\n")
            Lines.output("input\tsessions/s\twith session JSON\twith session and tariff JSON")
            let benchmark = RatingBenchmark(nanoseconds: seconds * 1_000_000_000)
            for load in [RatingLoad.reference, .wholeDay, .hourly] {
                let figures = [
                    try benchmark.rating(load), try benchmark.decodingSession(load),
                    try benchmark.decodingBoth(load),
                ]
                Lines.output(([load.name] + figures.map { "\($0.perSecond)" }).joined(separator: "\t"))
            }
        }
    }
}
