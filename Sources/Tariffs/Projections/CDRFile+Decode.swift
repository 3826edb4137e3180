// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities

extension CDRFile {
    /// Reads a CDR strictly (tariffs.md §8.1); unknown fields are notes.
    public static func decode(_ bytes: [UInt8]) throws(PricingRefusal) -> CDRFile {
        let document: JSON
        do throws(JSONError) {
            document = try JSON.parse(bytes, limits: .pricing)
        } catch {
            throw PricingRefusal(error)
        }
        var reader = CDRReader()
        return try reader.cdr(document)
    }
}

/// Reads the objects of a CDR, from the outermost to the innermost.
private struct CDRReader {
    var notes: [Note] = []

    private static let fields: Set<String> = [
        "country_code", "party_id", "id", "start_date_time", "end_date_time", "session_id", "cdr_token",
        "auth_method", "authorization_reference", "cdr_location", "meter_id", "currency", "tariffs",
        "charging_periods", "signed_data", "remark", "invoice_reference_id", "credit", "credit_reference_id",
        "home_charging_compensation", "last_updated",
    ]

    /// What the dimensions of OCPI measure; those that price nothing are read and passed over.
    private enum Dimension: String {
        case current = "CURRENT"
        case energy = "ENERGY"
        case energyExport = "ENERGY_EXPORT"
        case energyImport = "ENERGY_IMPORT"
        case maxCurrent = "MAX_CURRENT"
        case minCurrent = "MIN_CURRENT"
        case maxPower = "MAX_POWER"
        case minPower = "MIN_POWER"
        case parkingTime = "PARKING_TIME"
        case power = "POWER"
        case reservationTime = "RESERVATION_TIME"
        case stateOfCharge = "STATE_OF_CHARGE"
        case time = "TIME"
    }

    mutating func cdr(_ value: JSON) throws(PricingRefusal) -> CDRFile {
        let known = Self.fields.union(CDRFile.Total.allCases.map(\.rawValue))
        let fields = try FieldReader(value, at: "", known: FieldReader.Names(known), notes: &notes)
        for key in ["currency", "start_date_time", "end_date_time", "charging_periods"] {
            _ = try fields.required(key)
        }
        guard let currency = fields["currency"]?.string.flatMap(Currency.init(code:)) else {
            throw PricingRefusal(.currencyUnknown, at: "/currency", "This is no known currency.")
        }
        guard let start = try fields.milliseconds("start_date_time", notes: &notes),
            let end = try fields.milliseconds("end_date_time", notes: &notes)
        else { throw PricingRefusal(.fieldMissing, at: "/start_date_time", "Start and end are required.") }
        guard start <= end else {
            throw PricingRefusal(
                .intervalReversed, at: "/end_date_time", "The session ends before it starts.")
        }
        let tariffs = try tariffs(fields, currency)
        let periods = try periods(fields, from: start, to: end)
        var reported: [CDRFile.Total: CDRFile.Reported] = [:]
        for total in CDRFile.Total.allCases { reported[total] = try self.reported(total, fields) }
        return CDRFile(
            id: try fields.string("id") ?? "", currency: currency, start: start, end: end,
            isCredit: try flag("credit", fields), tariffs: tariffs, periods: periods, reported: reported,
            notes: notes)
    }

    private func flag(_ key: String, _ fields: FieldReader) throws(PricingRefusal) -> Bool {
        guard let value = fields[key] else { return false }
        guard let flag = value.bool else {
            throw PricingRefusal(.enumUnknown, at: fields.place(key), "Expected true or false.")
        }
        return flag
    }

    private mutating func tariffs(_ fields: FieldReader, _ currency: Currency) throws(PricingRefusal)
        -> [Tariff]
    {
        var tariffs: [Tariff] = []
        for (index, value) in (try fields.array("tariffs") ?? []).enumerated() {
            let path = "\(fields.place("tariffs"))/\(index)"
            do throws(PricingRefusal) {
                let (tariff, found) = try Tariff.decode(ocpi: value)
                notes += found.map { Note($0.code, at: path + $0.path, $0.message) }
                tariffs.append(tariff)
            } catch {
                throw PricingRefusal(error.code, at: path + error.path, error.message)
            }
            if tariffs[index].currency != currency {
                throw PricingRefusal(
                    .currencyUnknown, at: path + "/currency", "The CDR is in \(currency.code).")
            }
        }
        return tariffs
    }

    private mutating func periods(_ fields: FieldReader, from start: Instant, to end: Instant)
        throws(PricingRefusal) -> [CDRFile.Period]
    {
        let values = try fields.array("charging_periods") ?? []
        guard !values.isEmpty else {
            throw PricingRefusal(.noIntervals, at: "/charging_periods", "A CDR needs at least one period.")
        }
        guard values.count <= TariffLimits.intervals / 2 else {
            throw PricingRefusal(.limitExceeded, at: "/charging_periods", "Too many periods.")
        }
        var periods: [CDRFile.Period] = []
        for (index, value) in values.enumerated() {
            let period = try period(value, index)
            // D34: real CDRs contain them; their energy counts.
            if period.start < start || period.start > end {
                notes.append(
                    Note(
                        .periodOutsideSession, at: "/charging_periods/\(index)",
                        "The period begins outside the session; its energy counts."))
            }
            periods.append(period)
        }
        let isOrdered = zip(periods, periods.dropFirst()).allSatisfy { $0.start <= $1.start }
        if !isOrdered {
            notes.append(
                Note(.periodsOutOfOrder, at: "/charging_periods", "The periods were sorted by their starts."))
            periods.sort { ($0.start, $0.index) < ($1.start, $1.index) }
        }
        let earliest = min(start, periods[0].start)
        let latest = max(end, periods[periods.count - 1].start)
        let (length, overflow) = latest.nanoseconds.subtractingReportingOverflow(earliest.nanoseconds)
        guard !overflow, length <= TariffLimits.nanoseconds else {
            throw PricingRefusal(
                .limitExceeded, at: "/charging_periods", "The session is longer than 400 days.")
        }
        return periods
    }

    private mutating func period(_ value: JSON, _ index: Int) throws(PricingRefusal) -> CDRFile.Period {
        let path = "/charging_periods/\(index)"
        let fields = try FieldReader(
            value, at: path, known: ["start_date_time", "dimensions", "tariff_id"], notes: &notes)
        for key in ["start_date_time", "dimensions"] { _ = try fields.required(key) }
        guard let start = try fields.milliseconds("start_date_time", notes: &notes) else {
            throw PricingRefusal(.fieldMissing, at: path, "A period needs a start.")
        }
        var period = CDRFile.Period(
            start: start, tariffID: try fields.string("tariff_id"), energy: .zero, index: index)
        for (number, value) in (try fields.array("dimensions") ?? []).enumerated() {
            let place = "\(fields.place("dimensions"))/\(number)"
            let dimension = try FieldReader(value, at: place, known: ["type", "volume"], notes: &notes)
            for key in ["type", "volume"] { _ = try dimension.required(key) }
            try read(dimension, into: &period)
        }
        return period
    }

    private mutating func read(_ dimension: FieldReader, into period: inout CDRFile.Period)
        throws(PricingRefusal)
    {
        func volume(_ scale: Int, _ range: ClosedRange<Int64>) throws(PricingRefusal) -> Int64 {
            try dimension.decimal("volume", scale: scale, within: range, notes: &notes) ?? 0
        }
        let energies = -TariffLimits.energyMilliwattHours...TariffLimits.energyMilliwattHours
        let millionths = -TariffLimits.millionths...TariffLimits.millionths
        // 400 days in ten-thousandths of an hour.
        let hours: ClosedRange<Int64> = 0...96_000_000
        switch try dimension.word("type", as: Dimension.self) {
        case .energy: period.energy = Energy(milliwattHours: try volume(6, energies))
        case .time: period.time = try volume(4, hours)
        case .parkingTime: period.parking = try volume(4, hours)
        case .reservationTime: period.isReserved = try volume(4, hours) > 0
        case .minPower: period.lowestPower = Power(milliwatts: try volume(6, millionths))
        case .maxPower: period.highestPower = Power(milliwatts: try volume(6, millionths))
        case .minCurrent: period.lowestCurrent = Current(microamperes: try volume(6, millionths))
        case .maxCurrent: period.highestCurrent = Current(microamperes: try volume(6, millionths))
        case .current, .energyExport, .energyImport, .power, .stateOfCharge, nil:
            _ = try volume(6, millionths)
        }
    }

    /// `{excl_vat, incl_vat}`, `{before_taxes, after_taxes}`, or OCPI 2.3.0's `{before_taxes, taxes: [{amount}]}`.
    private mutating func reported(_ total: CDRFile.Total, _ fields: FieldReader) throws(PricingRefusal)
        -> CDRFile.Reported?
    {
        let range = -Int64.max / 2...Int64.max / 2
        guard let value = fields[total.rawValue] else { return nil }
        if total.isQuantity {
            return CDRFile.Reported(
                netField: total.rawValue,
                net: try fields.decimal(total.rawValue, scale: 9, within: range, notes: &notes),
                grossField: total.rawValue)
        }
        let price = try FieldReader(
            value, at: fields.place(total.rawValue),
            known: ["excl_vat", "incl_vat", "before_taxes", "after_taxes", "taxes"], notes: &notes)
        let isOld = price["before_taxes"] == nil && price["excl_vat"] != nil
        let netKey = isOld ? "excl_vat" : "before_taxes"
        _ = try price.required(netKey)
        let net = try price.decimal(netKey, scale: 9, within: range, notes: &notes)
        var grossKey = price["after_taxes"] != nil ? "after_taxes" : "incl_vat"
        var gross = try price.decimal(grossKey, scale: 9, within: range, notes: &notes)
        if gross == nil, let taxes = try price.array("taxes") {
            grossKey = "taxes"
            gross = try sum(of: taxes, at: price.place("taxes"), from: net ?? 0, within: range)
        }
        return CDRFile.Reported(
            netField: "\(total.rawValue).\(netKey)", net: net, grossField: "\(total.rawValue).\(grossKey)",
            gross: gross)
    }

    private mutating func sum(
        of taxes: [JSON], at path: String, from net: Int64, within range: ClosedRange<Int64>
    ) throws(PricingRefusal) -> Int64 {
        var total = net
        for (index, value) in taxes.enumerated() {
            let tax = try FieldReader(
                value, at: "\(path)/\(index)", known: ["name", "account_number", "percentage", "amount"],
                notes: &notes)
            _ = try tax.required("amount")
            let amount = try tax.decimal("amount", scale: 9, within: range, notes: &notes) ?? 0
            let (sum, overflow) = total.addingReportingOverflow(amount)
            guard !overflow, range.contains(sum) else {
                throw PricingRefusal(.limitExceeded, at: tax.place("amount"), "The amount is out of range.")
            }
            total = sum
        }
        return total
    }
}
