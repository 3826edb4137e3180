// SPDX-License-Identifier: Apache-2.0

package import JSONText
public import Quantities

/// What `amptill price` does, without files and without a zone database: bytes in, bytes out.
public struct PriceCommand: Sendable {
    /// The rules of a zone over a span, or nil if there is no such zone. Whoever runs the command reads them.
    public typealias ZoneLookup = @Sendable (_ name: String, _ span: ClosedRange<Instant>) -> ZoneRules?

    /// Which of the inputs a problem is in, so that the command line can name the file.
    public enum Source: String, Hashable, Sendable {
        /// The tariff's file.
        case tariff
        /// The session's file, or the timeline in it.
        case session
        /// The CDR's file.
        case cdr
        /// The zone that was asked for.
        case timeZone
    }

    /// Why nothing was priced.
    public struct Failure: Error, Hashable, Sendable {
        /// Which input is at fault.
        public let source: Source
        /// What is wrong with it, and where.
        public let refusal: PricingRefusal
    }

    /// The zone that wins over the session's.
    public var timeZone: String?
    /// Where zones come from.
    public var zones: ZoneLookup
    /// The rules of rounding.
    public var rater: Rater

    /// A command.
    public init(timeZone: String? = nil, rater: Rater = Rater(), zones: @escaping ZoneLookup) {
        self.timeZone = timeZone
        self.rater = rater
        self.zones = zones
    }

    /// A bill, and the clocks of the place where it came about.
    public struct Priced: Hashable, Sendable {
        /// The bill, with the notes of reading the input.
        public let rated: Rated
        /// The clocks; nil if nobody named a zone.
        public let zone: ZoneRules?
    }

    /// Prices a session under a tariff; the notes of reading both are on the bill.
    public func price(tariff tariffBytes: [UInt8], session sessionBytes: [UInt8]) throws(Failure) -> Rated {
        try priced(tariff: tariffBytes, session: sessionBytes).rated
    }

    /// The same with the clocks, for showing the timeline.
    public func priced(tariff tariffBytes: [UInt8], session sessionBytes: [UInt8]) throws(Failure) -> Priced {
        let (tariff, tariffNotes) = try reading(.tariff) { () throws(PricingRefusal) in
            try Tariff.decode(ocpi: tariffBytes)
        }
        let session = try reading(.session) { () throws(PricingRefusal) in
            try SessionFile.decode(sessionBytes)
        }
        return try price(session, under: tariff, notes: tariffNotes)
    }

    private func price(_ session: SessionFile, under tariff: Tariff, notes: [Note]) throws(Failure) -> Priced
    {
        let (zone, zoneNotes) = try zone(for: session)
        let rated = try reading(.session) { () throws(PricingRefusal) in
            try rater.rate(
                session.usage, under: tariff, in: zone, given: session.context, changing: session.changes)
        }
        return Priced(rated: rated.noting(notes + session.notes + zoneNotes), zone: zone)
    }

    /// A zone that does not exist is refused even where nothing asks for the time: it is a mistake.
    private func zone(for session: SessionFile) throws(Failure) -> (ZoneRules?, [Note]) {
        guard let name = timeZone ?? session.zoneName else { return (nil, []) }
        let fallback = Instant.epoch...Instant.epoch
        guard let rules = zones(name, session.span ?? fallback) else {
            let refusal = PricingRefusal(
                .timeZoneUnknown, at: timeZone == nil ? "/time_zone" : "",
                "There is no time zone \"\(name.prefix(40))\".")
            throw Failure(source: timeZone == nil ? .session : .timeZone, refusal: refusal)
        }
        var notes: [Note] = []
        if let timeZone, let given = session.zoneName, given != timeZone {
            notes.note(.timeZoneOverridden, at: "/time_zone", "\(timeZone) is used instead of \(given).")
        }
        return (rules, notes)
    }

    /// Names the input in which a body finds something wrong.
    func reading<Value>(_ source: Source, _ body: () throws(PricingRefusal) -> Value) throws(Failure)
        -> Value
    {
        do throws(PricingRefusal) {
            return try body()
        } catch {
            throw Failure(source: source, refusal: error)
        }
    }
}

extension PriceCommand {
    /// One line of a batch, priced: a JSON object without a line end, and whether it holds a bill.
    ///
    /// - Parameters:
    ///   - line: `{"id", "tariff", "session"}`, without its line end.
    ///     Places in notes and errors are those inside the tariff or the session, as for single files.
    ///   - number: the line's number in the file, from 1; named where the line is no JSON.
    public func batchLine(_ line: [UInt8], number: Int) -> (answer: [UInt8], isPriced: Bool) {
        let document: JSON
        do throws(JSONError) {
            document = try JSON.parse(line, limits: .pricing)
        } catch {
            let members = [
                JSON.Member("id", .null), JSON.Member("line", JSON(number)),
                JSON.Member("error", PricingRefusal(error).contractDocument),
            ]
            return (JSON.object(members).serialized(sortedKeys: false), false)
        }
        let id = document["id"] ?? .null
        do throws(Failure) {
            let rated = try price(document)
            let members = [JSON.Member("id", id)] + (rated.contractDocument.object ?? [])
            return (JSON.object(members).serialized(sortedKeys: false), true)
        } catch {
            let members = [JSON.Member("id", id), JSON.Member("error", error.refusal.contractDocument)]
            return (JSON.object(members).serialized(sortedKeys: false), false)
        }
    }

    private func price(_ line: JSON) throws(Failure) -> Rated {
        for key in ["tariff", "session"] where line[key]?.object == nil {
            let source: Source = key == "tariff" ? .tariff : .session
            throw Failure(
                source: source,
                refusal: PricingRefusal(.fieldMissing, at: "/" + key, "The field \(key) is required."))
        }
        let (tariff, notes) = try reading(.tariff) { () throws(PricingRefusal) in
            try Tariff.decode(ocpi: line["tariff"] ?? .null)
        }
        let session = try reading(.session) { () throws(PricingRefusal) in
            try SessionFile.decode(line["session"] ?? .null)
        }
        return try price(session, under: tariff, notes: notes).rated
    }
}

extension PricingRefusal {
    /// `{"code", "path", "message"}`.
    package var contractDocument: JSON {
        ["code": .string(code.rawValue), "path": .string(path), "message": .string(message)]
    }
}

extension Rated {
    /// The same bill with the notes of reading its input before those of pricing it.
    func noting(_ earlier: [Note]) -> Rated {
        guard !earlier.isEmpty else { return self }
        return Rated(
            currency: currency, exact: exact, net: net, gross: gross, lineBasis: lineBasis, lines: lines,
            taxes: taxes, segments: segments, notes: earlier + notes, roundingPolicy: roundingPolicy,
            counterChanges: counterChanges, couponUses: couponUses)
    }
}
