// SPDX-License-Identifier: Apache-2.0

package import JSONText
public import Quantities

/// The session of the command line's contract: a timeline and perhaps the zone of the place (tariffs.md §8).
public struct SessionFile: Hashable, Sendable {
    /// What happened.
    public let usage: Usage
    /// IANA name of the zone, as the file gives it.
    public let zoneName: String?
    /// Who pays how, and what was counted before.
    public let context: RatingContext
    /// Tariffs that took over while the session went on.
    public let changes: [TariffChange]
    /// What was unusual about the file.
    public let notes: [Note]

    /// From the earliest to the latest instant of the file: the span over which zone rules are needed.
    public var span: ClosedRange<Instant>? {
        guard let first = usage.intervals.map(\.start).min(), let last = usage.intervals.map(\.end).max(),
            first <= last
        else { return nil }
        return first...last
    }

    /// Reads a session strictly.
    public static func decode(_ bytes: [UInt8]) throws(RatingError) -> SessionFile {
        let document: JSON
        do throws(JSONError) {
            document = try JSON.parse(bytes, limits: .pricing)
        } catch {
            throw RatingError(error)
        }
        return try decode(document)
    }

    /// Reads a parsed session; places are those inside the session.
    package static func decode(_ document: JSON) throws(RatingError) -> SessionFile {
        var notes: [Note] = []
        let fields = try FieldReader(document, at: "", known: Self.fields, notes: &notes)
        _ = try fields.required("intervals")
        let values = try fields.array("intervals") ?? []
        guard values.count <= TariffLimits.intervals else {
            throw RatingError(
                .limitExceeded, at: fields.place("intervals"),
                "More than \(TariffLimits.intervals) intervals.")
        }
        var intervals: [Usage.Interval] = []
        intervals.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            intervals.append(try interval(value, index, notes: &notes))
        }
        var context = RatingContext.unknown
        if let value = fields["context"] {
            let (read, contextNotes) = try RatingContext.decode(value)
            context = read
            notes += contextNotes
        }
        let changes = try changes(fields, notes: &notes)
        return SessionFile(
            usage: Usage(intervals: intervals), zoneName: try fields.string("time_zone"), context: context,
            changes: changes, notes: notes)
    }

    private static let fields: FieldReader.Names = ["time_zone", "intervals", "context", "tariff_changes"]

    /// `[{"from", "tariff"}]`; places in an unreadable tariff are those inside the session.
    private static func changes(_ session: FieldReader, notes: inout [Note]) throws(RatingError)
        -> [TariffChange]
    {
        var changes: [TariffChange] = []
        for (index, value) in (try session.array("tariff_changes") ?? []).enumerated() {
            let path = "\(session.place("tariff_changes"))/\(index)"
            let fields = try FieldReader(value, at: path, known: ["from", "tariff"], notes: &notes)
            for key in ["from", "tariff"] { _ = try fields.required(key) }
            guard let from = try fields.instant("from"), let document = fields["tariff"] else { continue }
            do throws(TariffError) {
                let (tariff, tariffNotes) = try Tariff.decode(ocpi: document)
                changes.append(TariffChange(from: from, tariff))
                notes += tariffNotes.map { Note($0.code, at: "\(path)/tariff\($0.path)", $0.message) }
            } catch {
                throw RatingError(error.code, at: "\(path)/tariff\(error.path)", error.message)
            }
        }
        return changes
    }

    private static let intervalFields: FieldReader.Names = [
        "start", "end", "state", "kwh", "power_kw", "current_a", "soc",
    ]

    private static func interval(_ value: JSON, _ number: Int, notes: inout [Note]) throws(RatingError)
        -> Usage.Interval
    {
        let fields = try FieldReader(value, at: "/intervals", number, known: intervalFields, notes: &notes)
        guard let start = try fields.milliseconds("start", notes: &notes) else {
            throw fields.missing("start")
        }
        guard let end = try fields.milliseconds("end", notes: &notes) else { throw fields.missing("end") }
        guard let state = try fields.word("state", as: Usage.State.self) else {
            throw fields.missing("state")
        }
        let energyRange = -TariffLimits.energyMilliwattHours...TariffLimits.energyMilliwattHours
        let range = -TariffLimits.millionths...TariffLimits.millionths
        return Usage.Interval(
            from: start, to: end, state,
            energy: Energy(
                milliwattHours: try fields.decimal("kwh", scale: 6, within: energyRange, notes: &notes) ?? 0),
            power: try fields.decimal("power_kw", scale: 6, within: range, notes: &notes)
                .map(Power.init(milliwatts:)),
            current: try fields.decimal("current_a", scale: 6, within: range, notes: &notes)
                .map(Current.init(microamperes:)),
            stateOfCharge: try fields.decimal("soc", scale: 4, within: 0...Percentage.whole, notes: &notes)
                .map(Percentage.init(tenThousandths:)))
    }
}
