// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantities
import Tariffs

/// One input of `amptill bench rating`: a tariff and a session as the bytes that a batch would bring.
struct RatingLoad: Sendable {
    /// What is measured, for the table.
    let name: String
    /// An OCPI tariff.
    let tariff: [UInt8]
    /// A session of the command line's contract.
    let session: [UInt8]

    /// The reference load of tariffs.md §15: 22 quarter hours, 14 charging and 8 parking, under five elements.
    static let reference = RatingLoad(
        name: "22 periods, 5 elements", tariff: Array(fiveElements.utf8),
        session: quarters(from: "2026-03-02T15:00:00Z", charging: 14, parking: 8))

    /// A whole day of quarter hours under the same tariff.
    static let wholeDay = RatingLoad(
        name: "96 periods, 5 elements", tariff: Array(fiveElements.utf8),
        session: quarters(from: "2026-03-02T15:00:00Z", charging: 60, parking: 36))

    /// Two days of hourly prices, and a session of two periods.
    static let hourly = RatingLoad(
        name: "2 periods, 48 hourly elements", tariff: Array(hourlyElements.utf8),
        session: quarters(from: "2026-03-02T15:00:00Z", charging: 2, parking: 0))

    /// Start fee, night, weekday evening, energy at any other time, parking after four hours by day; 21 % tax.
    private static let fiveElements = """
        {"country_code":"NL","party_id":"AMP","id":"bench","currency":"EUR","last_updated":"2026-01-01T00:00:00Z",
        "elements":[
        {"price_components":[{"type":"FLAT","price":0.5,"vat":21,"step_size":1}]},
        {"price_components":[{"type":"ENERGY","price":0.28,"vat":21,"step_size":1}],
        "restrictions":{"start_time":"23:00","end_time":"07:00"}},
        {"price_components":[{"type":"ENERGY","price":0.45,"vat":21,"step_size":1}],
        "restrictions":{"start_time":"17:00","end_time":"20:00",
        "day_of_week":["MONDAY","TUESDAY","WEDNESDAY","THURSDAY","FRIDAY"]}},
        {"price_components":[{"type":"ENERGY","price":0.36,"vat":21,"step_size":1}]},
        {"price_components":[{"type":"PARKING_TIME","price":3.0,"vat":21,"step_size":60}],
        "restrictions":{"min_duration":14400,"start_time":"08:00","end_time":"22:00"}}]}
        """

    private static let hourlyElements: String = {
        let hours = (0..<48).map { hour in
            let start = String(format: "%02d:00", hour % 24)
            let end = String(format: "%02d:00", (hour + 1) % 24)
            let (first, next) = hour < 24 ? ("2026-03-02", "2026-03-03") : ("2026-03-03", "2026-03-04")
            return """
                {"price_components":[{"type":"ENERGY","price":0.\(20 + hour),"vat":21,"step_size":1}],\
                "restrictions":{"start_time":"\(start)","end_time":"\(end)","start_date":"\(first)",\
                "end_date":"\(next)"}}
                """
        }
        return """
            {"country_code":"NL","party_id":"AMP","id":"spot","currency":"EUR",\
            "last_updated":"2026-01-01T00:00:00Z","elements":[\(hours.joined(separator: ","))]}
            """
    }()

    /// Quarter hours of charging, then of parking, in Amsterdam.
    private static func quarters(from start: String, charging: Int, parking: Int) -> [UInt8] {
        let first = Instant(iso8601: start) ?? .epoch
        let intervals = (0..<charging + parking).map { number in
            let from = (first + .minutes(Int64(number) * 15)).shortISO8601
            let to = (first + .minutes(Int64(number) * 15 + 15)).shortISO8601
            return number < charging
                ? #"{"start":"\#(from)","end":"\#(to)","state":"C","kwh":\#(2 + number % 3).\#(100 + number)}"#
                : #"{"start":"\#(from)","end":"\#(to)","state":"P"}"#
        }
        return Array(
            #"{"time_zone":"Europe/Amsterdam","intervals":[\#(intervals.joined(separator: ","))]}"#.utf8)
    }
}

/// Measures the rater on one thread, in CPU time of that thread.
struct RatingBenchmark {
    /// Sessions per second of CPU.
    struct Figure {
        let perSecond: Int
        let sessions: Int
    }

    /// Amsterdam in the spring of 2026; a benchmark of rating must not measure the zone database.
    private static let zone = ZoneRules(
        offsets: [
            .init(from: Instant(iso8601: "2025-10-26T01:00:00Z") ?? .epoch, seconds: 3600),
            .init(from: Instant(iso8601: "2026-03-29T01:00:00Z") ?? .epoch, seconds: 7200),
        ], name: "Europe/Amsterdam")

    /// CPU time for each figure.
    let nanoseconds: Int

    /// Rating alone: tariff and session are decoded before.
    func rating(_ load: RatingLoad) throws -> Figure {
        let (tariff, _) = try Tariff.decode(ocpi: load.tariff)
        let usage = try SessionFile.decode(load.session).usage
        let expected = try Rater().rate(usage, under: tariff, in: Self.zone).gross
        return try measure {
            guard try Rater().rate(usage, under: tariff, in: Self.zone).gross == expected else {
                throw Unequal()
            }
        }
    }

    /// Decoding the session's JSON and rating it, under a tariff that is there already.
    func decodingSession(_ load: RatingLoad) throws -> Figure {
        let (tariff, _) = try Tariff.decode(ocpi: load.tariff)
        return try measure {
            _ = try Rater().rate(try SessionFile.decode(load.session).usage, under: tariff, in: Self.zone)
        }
    }

    /// Decoding both documents and rating, as a line of a batch.
    func decodingBoth(_ load: RatingLoad) throws -> Figure {
        try measure {
            let (tariff, _) = try Tariff.decode(ocpi: load.tariff)
            _ = try Rater().rate(try SessionFile.decode(load.session).usage, under: tariff, in: Self.zone)
        }
    }

    /// The same session cost something else the second time: the figure would be worthless.
    struct Unequal: Error {}

    private func measure(_ body: () throws -> Void) throws -> Figure {
        for _ in 0..<100 { try body() }
        let start = Self.threadNanoseconds
        var (sessions, passed) = (0, 0)
        while passed < nanoseconds {
            for _ in 0..<1000 { try body() }
            sessions += 1000
            passed = Self.threadNanoseconds - start
        }
        return Figure(perSecond: sessions * 1_000_000_000 / passed, sessions: sessions)
    }

    /// CPU time of this thread.
    private static var threadNanoseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    }
}
