// SPDX-License-Identifier: Apache-2.0

package import JSONText
import Quantities

extension Rated {
    /// The timeline as it was priced: each segment with what it holds and which component priced it and why.
    ///
    /// - Parameter zone: the clocks on which times are shown; UTC if none is known.
    public func timeline(in zone: ZoneRules? = nil, isColoured: Bool = false) -> String {
        let clocks = zone ?? .utc
        var day: CivilDate?
        let rows = segments.map { segment in
            let date = clocks.local(segment.from).date
            defer { day = date }
            return [
                date == day ? "" : date.description,
                "\(clocks.clock(segment.from))–\(clocks.clock(segment.to))", segment.state.words,
                segment.energy.fineUnits == 0 ? "" : segment.energy.energyText,
                segment.prices.compactMap { name, place in
                    place.map { "\(name): \(reason(of: $0, in: segment))" }
                }
                .joined(separator: "; "),
            ]
        }
        let header = [clocks.name ?? "local", "time", "state", "energy", "priced by"]
        return TextTable(header: header, rows: rows, rightAligned: [3]).text(isColoured: isColoured)
    }

    /// The segments as `amptill price --explain` adds them to the answer.
    package var segmentsDocument: JSON {
        .array(
            segments.map { segment in
                var members: [JSON.Member] = [
                    .init("from", .string(segment.from.shortISO8601)),
                    .init("to", .string(segment.to.shortISO8601)),
                    .init("state", .string(segment.state.rawValue)),
                    .init("kwh", .string(segment.energy.decimal)),
                ]
                for (name, place) in segment.prices {
                    members.append(.init(name, place?.document ?? .null))
                }
                return .object(members)
            })
    }

    /// The answer with the segments behind it.
    public var explainedJSON: [UInt8] {
        let members = (contractDocument.object ?? []) + [JSON.Member("segments", segmentsDocument)]
        return JSON.object(members).serialized(sortedKeys: false)
    }

    /// Why a component priced a segment, with its price then: a price that follows an index has a part for each value.
    private func reason(of place: Place, in segment: Segment) -> String {
        let parts = lines.flatMap(\.parts).filter { part in
            part.unitPrice != nil
                && Place(element: part.element, component: part.component, tariff: part.tariff) == place
        }
        let fitting = parts.filter { $0.from <= segment.from && segment.from < $0.to }
        // Of parts that overlap, the one that lasts shortest says most.
        let part = fitting.min { $0.to - $0.from < $1.to - $1.from } ?? parts.last
        return part.map { "\($0.unitPrice?.decimal ?? "") (\($0.reason.words))" } ?? ""
    }
}

extension Rated.Segment {
    /// What priced it, by name.
    fileprivate var prices: [(name: String, place: Rated.Place?)] {
        let time = state == .parking ? "idle" : state == .reserved ? "reservation" : "time"
        return [("energy", energyPrice), (time, timePrice), ("flat", flatPrice)]
    }
}

extension Rated.Place {
    fileprivate var document: JSON {
        .present([
            "element": JSON(element), "component": JSON(component), "tariff": tariff.map { JSON($0) },
        ])
    }
}

extension Usage.State {
    fileprivate var words: String {
        switch self {
        case .charging: "charging"
        case .parking: "idle"
        case .suspended: "paused by station"
        case .reserved: "reserved"
        }
    }
}

extension Measured {
    /// With three decimals at most.
    fileprivate var energyText: String { "\(exact.decimal(maximumFractionDigits: 3)) kWh" }
}

extension ZoneRules {
    /// `10:05` on the clocks of the place; with seconds where they are not zero.
    fileprivate func clock(_ instant: Instant) -> String {
        let second = local(instant).secondOfDay
        func pad(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let text = "\(pad(second / 3600)):\(pad(second / 60 % 60))"
        return second % 60 == 0 ? text : text + ":\(pad(second % 60))"
    }
}
