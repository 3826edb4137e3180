// SPDX-License-Identifier: Apache-2.0

package import JSONText
import Quantities

extension PriceCommand {
    /// Prices a received CDR and compares every total with the reported one (tariffs.md §8.2).
    ///
    /// The periods are priced at their starts (D2), with the tariffs inside the CDR, or with the receiver's own. With
    /// both, the one that fits better is reported.
    public func verify(cdr cdrBytes: [UInt8], tariff tariffBytes: [UInt8]? = nil) throws(Failure)
        -> CDRVerification
    {
        let cdr = try reading(.cdr) { () throws(PricingRefusal) in try CDRFile.decode(cdrBytes) }
        var own: (tariff: Tariff, notes: [Note])?
        if let tariffBytes {
            own = try reading(.tariff) { () throws(PricingRefusal) in try Tariff.decode(ocpi: tariffBytes) }
        }
        if let own, own.tariff.currency != cdr.currency {
            throw Failure(
                source: .tariff,
                refusal: PricingRefusal(
                    .currencyUnknown, at: "/currency", "The CDR is in \(cdr.currency.code)."))
        }
        guard let own else { return try verify(cdr, embeddedTariffs(of: cdr), .embedded, notes: []) }
        let ownResult = try verify(cdr, [(cdr.periods[0].start, own.tariff)], .own, notes: own.notes)
        guard !cdr.tariffs.isEmpty else { return ownResult }
        let embedded = try verify(cdr, embeddedTariffs(of: cdr), .embedded, notes: [])
        return embedded.differences < ownResult.differences ? embedded : ownResult
    }

    /// The tariff of each period from which on another one is in force.
    private func embeddedTariffs(of cdr: CDRFile) throws(Failure) -> [(from: Instant, tariff: Tariff)] {
        guard let first = cdr.tariffs.first else {
            throw Failure(
                source: .cdr,
                refusal: PricingRefusal(
                    .fieldMissing, at: "/tariffs", "The CDR holds no tariff; give one with --tariff."))
        }
        var found: [(from: Instant, tariff: Tariff)] = []
        for period in cdr.periods {
            let tariff = period.tariffID.map { id in cdr.tariffs.first { $0.id == id } } ?? first
            guard let tariff else {
                throw Failure(
                    source: .cdr,
                    refusal: PricingRefusal(
                        .fieldMissing, at: "/charging_periods/\(period.index)/tariff_id",
                        "No tariff of the CDR has this id."))
            }
            if found.last?.tariff != tariff { found.append((period.start, tariff)) }
        }
        return found
    }

    private func verify(
        _ cdr: CDRFile, _ tariffs: [(from: Instant, tariff: Tariff)], _ source: CDRVerification.Source,
        notes: [Note]
    ) throws(Failure) -> CDRVerification {
        let (usage, places) = cdr.usage()
        let last = usage.intervals.map(\.end).max() ?? cdr.end
        let zone = try cdrZone(from: cdr.periods[0].start, to: last)
        let changes = tariffs.dropFirst().map { TariffChange(from: $0.from, $0.tariff) }
        var policy = rater.policy
        policy.pricesAtStarts = true
        let (rated, cut) = try reading(.cdr) { () throws(PricingRefusal) in
            (
                try Rater(policy: policy).rate(usage, under: tariffs[0].tariff, in: zone, changing: changes),
                try rater.rate(usage, under: tariffs[0].tariff, in: zone, changing: changes)
            )
        }
        let spanning = cut.spanningNotes(over: usage, places)
        let checks = CDRChecks(cdr: cdr, rated: rated, usage: usage, tariffs: tariffs.map(\.tariff)).all()
        return CDRVerification(
            id: cdr.id, rated: rated.noting(notes + cdr.notes + spanning), checks: checks, source: source)
    }

    private func cdrZone(from: Instant, to: Instant) throws(Failure) -> ZoneRules? {
        guard let timeZone else { return nil }
        guard let rules = zones(timeZone, min(from, to)...max(from, to)) else {
            throw Failure(
                source: .timeZone,
                refusal: PricingRefusal(
                    .timeZoneUnknown, at: "", "There is no time zone \"\(timeZone.prefix(40))\"."))
        }
        return rules
    }
}

extension Rated {
    /// D2: a period in which the price changes should have been two; it is priced at its start.
    fileprivate func spanningNotes(over usage: Usage, _ places: [Int]) -> [Note] {
        var found: Set<Int> = []
        var next = segments[...]
        for (interval, place) in zip(usage.intervals, places) {
            var prices: Set<[Place?]> = []
            // Segments follow the intervals; those of no length belong to the interval that is their instant.
            while let segment = next.first, segment.to <= interval.end, segment.from >= interval.start {
                prices.insert([segment.energyPrice, segment.timePrice])
                next.removeFirst()
            }
            if prices.count > 1 { found.insert(place) }
        }
        return found.sorted().map { index in
            Note(
                .periodSpansPriceChange, at: "/charging_periods/\(index)",
                "The price changes in the period; it is priced at its start.")
        }
    }
}

extension CDRVerification {
    /// The answer of the command line: the bill, and `cdr` beside it.
    public var contractJSON: [UInt8] { contractDocument.serialized(sortedKeys: false) }

    /// The document behind `contractJSON`.
    package var contractDocument: JSON {
        let cdr: JSON = [
            "id": .string(id), "tariff": .string(source.rawValue),
            "checks": .array(
                checks.map { check in
                    [
                        "field": .string(check.field), "reported": check.reported.map(JSON.string) ?? .null,
                        "computed": .string(check.computed),
                        "difference": check.difference.map(JSON.string) ?? .null,
                        "verdict": .string(check.verdict.rawValue),
                    ]
                }),
        ]
        return .object((rated.contractDocument.object ?? []) + [JSON.Member("cdr", cdr)])
    }

    /// The bill and the checks as tables for a person.
    public func table(isColoured: Bool = false) -> String {
        let rows = checks.map { check in
            [
                check.field, check.reported ?? "–", check.computed, check.difference ?? "–",
                check.verdict.rawValue,
            ]
        }
        let header = ["CDR \(id)", "reported", "computed", "difference", "verdict"]
        let table = TextTable(
            header: header, rows: rows, rightAligned: [1, 2, 3],
            emphasised: Set(checks.indices.filter { checks[$0].verdict == .differs }))
        return rated.table(isColoured: isColoured) + "\n" + table.text(isColoured: isColoured)
    }
}
