// SPDX-License-Identifier: Apache-2.0

package import JSONText
import Quantities

extension Tariff {
    /// Reads an OCPP 2.1 TariffType strictly: net prices per kWh, minute and session, under the rules of OCPP (tariffs.md
    /// §6). Each price becomes an element of its own, in order, for OCPP chooses for each field by itself.
    public static func decode(ocpp bytes: [UInt8]) throws(TariffError) -> (tariff: Tariff, notes: [Note]) {
        let document: JSON
        do throws(JSONError) {
            document = try JSON.parse(bytes, limits: .pricing)
        } catch {
            throw TariffError(error)
        }
        return try decode(ocpp: document)
    }

    /// Reads a parsed TariffType; places are those inside it.
    package static func decode(ocpp document: JSON) throws(TariffError) -> (tariff: Tariff, notes: [Note]) {
        var reader = OCPPReader()
        return (try reader.tariff(document), reader.notes)
    }
}

/// Reads the objects of a TariffType, from the outermost to the innermost.
private struct OCPPReader {
    var notes: [Note] = []

    mutating func tariff(_ value: JSON) throws(TariffError) -> Tariff {
        let known = Set(OCPPField.allCases.map(\.rawValue)).union([
            "tariffId", "description", "currency", "validFrom", "minCost", "maxCost", "customData",
        ])
        let fields = try FieldReader(value, at: "", known: FieldReader.Names(known), notes: &notes)
        for key in ["tariffId", "currency"] { _ = try fields.required(key) }
        guard let currency = try fields.string("currency").flatMap(Currency.init(code:)) else {
            throw TariffError(.currencyUnknown, at: fields.place("currency"), "This is no known currency.")
        }
        var elements: [TariffElement] = []
        for field in OCPPField.allCases { elements += try self.elements(field, fields) }
        var terms = Tariff.Terms()
        terms.validFrom = try fields.instant("validFrom")
        terms.minimum = try limit("minCost", fields)
        terms.maximum = try limit("maxCost", fields)
        terms.rules.ruleSet = .ocpp
        for (index, value) in (try fields.array("description") ?? []).enumerated() {
            let text = try FieldReader(
                value, at: "/description/\(index)", known: ["format", "language", "content", "customData"],
                notes: &notes)
            terms.particulars.texts.append(
                Tariff.Text(
                    language: try text.string("language") ?? "en", text: try text.string("content") ?? ""))
        }
        return try Tariff(
            id: try fields.string("tariffId") ?? "", currency: currency, taxMode: .excluded,
            elements: elements,
            terms: terms)
    }

    private mutating func limit(_ key: String, _ fields: FieldReader) throws(TariffError) -> Tariff.Limit? {
        guard let value = fields[key] else { return nil }
        let bounds = try FieldReader(
            value, at: fields.place(key), known: ["exclTax", "inclTax", "taxRates", "customData"],
            notes: &notes)
        _ = try bounds.required("exclTax")
        let net = try rate("exclTax", bounds) ?? .zero
        return Tariff.Limit(net: net, gross: try rate("inclTax", bounds))
    }

    private mutating func rate(_ key: String, _ fields: FieldReader) throws(TariffError) -> Rate? {
        let range = -TariffLimits.price...TariffLimits.price
        return try fields.decimal(key, scale: 9, within: range, notes: &notes).map(Rate.init(billionths:))
    }

    private mutating func elements(_ field: OCPPField, _ tariff: FieldReader) throws(TariffError)
        -> [TariffElement]
    {
        guard let value = tariff[field.rawValue] else { return [] }
        let fields = try FieldReader(
            value, at: tariff.place(field.rawValue), known: ["prices", "taxRates", "customData"],
            notes: &notes)
        _ = try fields.required("prices")
        let taxes = try taxes(fields)
        let (dimension, isReservation) = field.dimension
        var elements: [TariffElement] = []
        for (index, value) in (try fields.array("prices") ?? []).enumerated() {
            let price = try FieldReader(
                value, at: "\(fields.place("prices"))/\(index)",
                known: [field.priceKey, "conditions", "customData"], notes: &notes)
            _ = try price.required(field.priceKey)
            var component = PriceComponent(dimension, try self.price(field, price))
            component.taxRate = taxes.first { $0.level == 0 }?.rate
            if let first = taxes.firstIndex(where: { $0.level == 0 }) {
                component.furtherTaxes = Array(taxes[..<first] + taxes[(first + 1)...])
            } else {
                component.furtherTaxes = taxes
            }
            var restriction = try price["conditions"].map { conditions throws(TariffError) in
                try self.restriction(conditions, field, at: price.place("conditions"))
            }
            if isReservation {
                restriction = restriction ?? Restriction()
                restriction?.reservation = .reserved
            }
            elements.append(TariffElement([component], when: restriction))
        }
        return elements
    }

    private mutating func price(_ field: OCPPField, _ fields: FieldReader) throws(TariffError) -> Rate {
        let price = try rate(field.priceKey, fields) ?? .zero
        guard field.isPerMinute else { return price }
        let (hourly, overflow) = price.billionths.multipliedReportingOverflow(by: 60)
        guard !overflow, abs(hourly) <= TariffLimits.price else {
            throw TariffError(.limitExceeded, at: fields.place(field.priceKey), "The price is out of range.")
        }
        return Rate(billionths: hourly)
    }

    private mutating func taxes(_ fields: FieldReader) throws(TariffError) -> [StackedTax] {
        var taxes: [StackedTax] = []
        for (index, value) in (try fields.array("taxRates") ?? []).enumerated() {
            let tax = try FieldReader(
                value, at: "\(fields.place("taxRates"))/\(index)",
                known: ["type", "tax", "stack", "customData"],
                notes: &notes)
            _ = try tax.required("tax")
            let rate = try tax.decimal("tax", scale: 4, within: 0...TaxRate.denominator, notes: &notes) ?? 0
            let level = try tax.integer("stack", within: 0...Int64(TariffLimits.taxLevel)) ?? 0
            taxes.append(StackedTax(TaxRate(tenThousandthsOfPercent: rate), level: Int(level)))
        }
        return taxes
    }
}

extension OCPPReader {
    private static let clockFields: Set<String> = [
        "startTimeOfDay", "endTimeOfDay", "dayOfWeek", "validFromDate", "validToDate", "evseKind",
        "customData",
    ]
    private static let fixedFields: Set<String> = ["paymentBrand", "paymentRecognition"]
    private static let useFields: Set<String> = [
        "minEnergy", "maxEnergy", "minCurrent", "maxCurrent", "minPower", "maxPower", "minTime", "maxTime",
        "minChargingTime", "maxChargingTime", "minIdleTime", "maxIdleTime",
    ]

    /// Days as OCPP writes them.
    private enum Day: String {
        case monday = "Monday"
        case tuesday = "Tuesday"
        case wednesday = "Wednesday"
        case thursday = "Thursday"
        case friday = "Friday"
        case saturday = "Saturday"
        case sunday = "Sunday"

        var weekday: Restriction.Weekday? { Restriction.Weekday(rawValue: rawValue.uppercased()) }
    }

    private mutating func restriction(_ value: JSON, _ field: OCPPField, at path: String) throws(TariffError)
        -> Restriction
    {
        let known = Self.clockFields.union(field.isFixed ? Self.fixedFields : Self.useFields)
        let fields = try FieldReader(value, at: path, known: FieldReader.Names(known), notes: &notes)
        var restriction = Restriction()
        restriction.startTime = try clock("startTimeOfDay", fields)
        restriction.endTime = try clock("endTimeOfDay", fields)
        restriction.startDate = try date("validFromDate", fields)
        restriction.endDate = try date("validToDate", fields)
        restriction.evseKind = try fields.word("evseKind", as: RatingContext.EVSEKind.self)
        if let values = try fields.array("dayOfWeek") {
            var days: [Restriction.Weekday] = []
            for (index, value) in values.enumerated() {
                let day: Day = try FieldReader.word(value, at: "\(fields.place("dayOfWeek"))/\(index)")
                if let weekday = day.weekday { days.append(weekday) }
            }
            restriction.weekdays = days
        }
        if field.isFixed { return try fixed(restriction, fields) }
        // OCPP counts Wh, W and A.
        restriction.minEnergy = try number("minEnergy", 3, fields).map(Energy.init(milliwattHours:))
        restriction.maxEnergy = try number("maxEnergy", 3, fields).map(Energy.init(milliwattHours:))
        restriction.minPower = try number("minPower", 3, fields).map(Power.init(milliwatts:))
        restriction.maxPower = try number("maxPower", 3, fields).map(Power.init(milliwatts:))
        restriction.minCurrent = try number("minCurrent", 6, fields).map(Current.init(microamperes:))
        restriction.maxCurrent = try number("maxCurrent", 6, fields).map(Current.init(microamperes:))
        restriction.minDurationSeconds = try seconds("minTime", fields)
        restriction.maxDurationSeconds = try seconds("maxTime", fields)
        restriction.minChargingSeconds = try seconds("minChargingTime", fields)
        restriction.maxChargingSeconds = try seconds("maxChargingTime", fields)
        restriction.minIdleSeconds = try seconds("minIdleTime", fields)
        restriction.maxIdleSeconds = try seconds("maxIdleTime", fields)
        return restriction
    }

    private func fixed(_ restriction: Restriction, _ fields: FieldReader) throws(TariffError) -> Restriction {
        var restriction = restriction
        restriction.paymentBrands = try fields.string("paymentBrand").map { [$0.lowercased()] }
        switch try fields.string("paymentRecognition")?.lowercased() {
        case nil: break
        case "debit": restriction.cardFunding = .debit
        case "cc", "credit": restriction.cardFunding = .credit
        default:
            throw TariffError(
                .enumUnknown, at: fields.place("paymentRecognition"), "Only CC and Debit are understood.")
        }
        return restriction
    }

    private mutating func number(_ key: String, _ scale: Int, _ fields: FieldReader) throws(TariffError)
        -> Int64?
    {
        try fields.decimal(
            key, scale: scale, within: -TariffLimits.millionths...TariffLimits.millionths, notes: &notes)
    }

    private func seconds(_ key: String, _ fields: FieldReader) throws(TariffError) -> Int64? {
        try fields.integer(key, within: 0...TariffLimits.durationSeconds)
    }

    private func clock(_ key: String, _ fields: FieldReader) throws(TariffError) -> ClockTime? {
        guard let text = try fields.string(key) else { return nil }
        guard let time = ClockTime(text) else {
            throw TariffError(
                .timeInvalid, at: fields.place(key), "Expected a time of day from 00:00 to 23:59.")
        }
        return time
    }

    private func date(_ key: String, _ fields: FieldReader) throws(TariffError) -> CivilDate? {
        guard let text = try fields.string(key) else { return nil }
        guard let date = CivilDate(text) else {
            throw TariffError(.timeInvalid, at: fields.place(key), "Expected a date such as 2026-03-01.")
        }
        return date
    }
}
