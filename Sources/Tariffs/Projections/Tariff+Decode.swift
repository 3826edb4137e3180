// SPDX-License-Identifier: Apache-2.0

package import JSONText
import Quantities

extension Tariff {
    /// Reads an OCPI Tariff object, 2.3.0 if `tax_included` is present, else 2.2.1, strictly (tariffs.md
    /// §8.1).
    ///
    /// Besides the fields of OCPI a tariff may have the operator's extensions that the module's front page lists.
    /// Prices are in the major unit, numbers or decimal texts.
    public static func decode(ocpi bytes: [UInt8]) throws(TariffError) -> (tariff: Tariff, notes: [Note]) {
        let document: JSON
        do throws(JSONError) {
            document = try JSON.parse(bytes, limits: .pricing)
        } catch {
            throw TariffError(error)
        }
        return try decode(ocpi: document)
    }

    /// Reads a parsed OCPI Tariff object; places are those inside the tariff.
    package static func decode(ocpi document: JSON) throws(TariffError) -> (tariff: Tariff, notes: [Note]) {
        var reader = TariffReader()
        return (try reader.tariff(document), reader.notes)
    }
}

/// Reads the objects of a tariff, from the outermost to the innermost.
struct TariffReader {
    /// What was unusual so far.
    var notes: [Note] = []

    private static let tariffFields: FieldReader.Names = [
        "country_code", "party_id", "id", "currency", "type", "tariff_alt_text", "tariff_alt_url",
        "min_price",
        "max_price", "preauthorize_amount", "tax_included", "elements", "start_date_time", "end_date_time",
        "energy_mix", "last_updated", "rules",
    ]

    private static let elementFields: FieldReader.Names = ["price_components", "restrictions"]
    private static let componentFields: FieldReader.Names = [
        "type", "price", "vat", "step_size", "grace_s", "cap", "floor", "free_quantity", "schedule", "index",
        "discounts", "further_taxes",
    ]
    private static let limitFields: FieldReader.Names = [
        "excl_vat", "incl_vat", "before_taxes", "after_taxes",
    ]

    /// Reads a tariff.
    mutating func tariff(_ value: JSON) throws(TariffError) -> Tariff {
        let fields = try FieldReader(value, at: "", known: Self.tariffFields, notes: &notes)
        for key in ["country_code", "party_id", "id", "last_updated"] where fields[key] == nil {
            notes.note(.fieldMissingTolerated, at: fields.place(key), "The field \(key) is required by OCPI.")
        }
        let currency = try currency(fields)
        let taxMode = try fields.word("tax_included", as: Tariff.TaxMode.self) ?? .excluded
        var terms = Tariff.Terms()
        terms.minimum = try limit("min_price", fields)
        terms.maximum = try limit("max_price", fields)
        terms.validFrom = try fields.instant("start_date_time")
        terms.validUntil = try fields.instant("end_date_time")
        terms.rules = try rules(fields)
        terms.particulars = try particulars(fields)
        _ = try fields.required("elements")
        let values = try fields.array("elements") ?? []
        guard values.count <= TariffLimits.elements else {
            throw TariffError(
                .limitExceeded, at: fields.place("elements"), "More than \(TariffLimits.elements) elements.")
        }
        var elements: [TariffElement] = []
        for (index, element) in values.enumerated() {
            elements.append(try self.element(element, at: "\(fields.place("elements"))/\(index)"))
        }
        return try Tariff(
            id: try fields.string("id") ?? "", currency: currency, taxMode: taxMode, elements: elements,
            terms: terms)
    }

    private func currency(_ fields: FieldReader) throws(TariffError) -> Currency {
        let value = try fields.required("currency")
        guard let currency = value.string.flatMap(Currency.init(code:)) else {
            let shown = value.string.map { "\"\($0.prefix(40))\"" } ?? value.kind
            throw TariffError(
                .currencyUnknown, at: fields.place("currency"), "\(shown) is no known currency.")
        }
        return currency
    }

    private mutating func particulars(_ fields: FieldReader) throws(TariffError) -> Tariff.Particulars {
        var particulars = Tariff.Particulars()
        particulars.countryCode = try fields.string("country_code")
        particulars.partyID = try fields.string("party_id")
        particulars.kind = try fields.word("type", as: Tariff.Kind.self)
        particulars.url = try fields.string("tariff_alt_url")
        particulars.energyMix = fields["energy_mix"]
        particulars.preauthorization = try rate("preauthorize_amount", fields)
        particulars.lastUpdated = try fields.instant("last_updated")
        for (index, value) in (try fields.array("tariff_alt_text") ?? []).enumerated() {
            let text = try FieldReader(
                value, at: "\(fields.place("tariff_alt_text"))/\(index)", known: ["language", "text"],
                notes: &notes)
            particulars.texts.append(
                Tariff.Text(language: try text.string("language") ?? "", text: try text.string("text") ?? ""))
        }
        return particulars
    }

    /// `excl_vat` and `incl_vat` of 2.2.1, `before_taxes` and `after_taxes` of 2.3.0; both are read in both.
    private mutating func limit(_ key: String, _ fields: FieldReader) throws(TariffError) -> Tariff.Limit? {
        guard let value = fields[key] else { return nil }
        let bounds = try FieldReader(value, at: fields.place(key), known: Self.limitFields, notes: &notes)
        let netKey = bounds["before_taxes"] == nil && bounds["excl_vat"] != nil ? "excl_vat" : "before_taxes"
        let grossKey = bounds["after_taxes"] == nil ? "incl_vat" : "after_taxes"
        _ = try bounds.required(netKey)
        guard let net = try rate(netKey, bounds) else { return nil }
        return Tariff.Limit(net: net, gross: try rate(grossKey, bounds))
    }

    /// A price in the major unit; nil if absent.
    mutating func rate(_ key: String, _ fields: FieldReader) throws(TariffError) -> Rate? {
        let range = -TariffLimits.price...TariffLimits.price
        return try fields.decimal(key, scale: 9, within: range, notes: &notes).map(Rate.init(billionths:))
    }

    private mutating func element(_ value: JSON, at path: String) throws(TariffError) -> TariffElement {
        let fields = try FieldReader(
            value, at: path, known: Self.elementFields, notes: &notes)
        _ = try fields.required("price_components")
        var components: [PriceComponent] = []
        for (index, component) in (try fields.array("price_components") ?? []).enumerated() {
            components.append(try self.component(component, at: "\(path)/price_components/\(index)"))
        }
        guard let restrictions = fields["restrictions"] else { return TariffElement(components) }
        return TariffElement(components, when: try restriction(restrictions, at: path + "/restrictions"))
    }

    private mutating func component(_ value: JSON, at path: String) throws(TariffError) -> PriceComponent {
        let fields = try FieldReader(value, at: path, known: Self.componentFields, notes: &notes)
        guard let dimension = try fields.word("type", as: TariffDimension.self) else {
            throw fields.missing("type")
        }
        guard let price = try rate("price", fields) else { throw fields.missing("price") }
        if fields["step_size"] == nil {
            notes.note(
                .fieldMissingTolerated, at: fields.place("step_size"), "No step: quantities are exact.")
        }
        let step = try fields.integer("step_size", within: 0...TariffLimits.step)
        let tax = try fields.decimal("vat", scale: 4, within: 0...TaxRate.denominator, notes: &notes)
        var component = PriceComponent(
            dimension, price, step: step, tax: tax.map(TaxRate.init(tenThousandthsOfPercent:)))
        component.graceSeconds = try fields.integer("grace_s", within: 0...TariffLimits.durationSeconds)
        component.cap = try rate("cap", fields)
        component.floor = try rate("floor", fields)
        try readExtensions(of: &component, fields)
        return component
    }
}

extension TariffReader {
    private static let restrictionFields = FieldReader.Names([
        "start_time", "end_time", "start_date", "end_date", "min_kwh", "max_kwh", "min_current",
        "max_current",
        "min_power", "max_power", "min_duration", "max_duration", "day_of_week", "reservation",
    ]).union(restrictionExtensions)

    private mutating func restriction(_ value: JSON, at path: String) throws(TariffError) -> Restriction {
        let fields = try FieldReader(value, at: path, known: Self.restrictionFields, notes: &notes)
        var restriction = Restriction()
        restriction.startTime = try clockTime("start_time", fields)
        restriction.endTime = try clockTime("end_time", fields)
        restriction.startDate = try date("start_date", fields)
        restriction.endDate = try date("end_date", fields)
        restriction.minEnergy = try millionths("min_kwh", fields).map(Energy.init(milliwattHours:))
        restriction.maxEnergy = try millionths("max_kwh", fields).map(Energy.init(milliwattHours:))
        restriction.minCurrent = try millionths("min_current", fields).map(Current.init(microamperes:))
        restriction.maxCurrent = try millionths("max_current", fields).map(Current.init(microamperes:))
        restriction.minPower = try millionths("min_power", fields).map(Power.init(milliwatts:))
        restriction.maxPower = try millionths("max_power", fields).map(Power.init(milliwatts:))
        restriction.minDurationSeconds = try seconds("min_duration", fields)
        restriction.maxDurationSeconds = try seconds("max_duration", fields)
        restriction.weekdays = try weekdays(fields)
        restriction.reservation = try fields.word("reservation", as: Restriction.Reservation.self)
        try readExtensions(of: &restriction, fields)
        return restriction
    }

    private func clockTime(_ key: String, _ fields: FieldReader) throws(TariffError) -> ClockTime? {
        guard let value = fields[key] else { return nil }
        guard let time = value.string.flatMap(ClockTime.init) else {
            throw TariffError(
                .timeInvalid, at: fields.place(key), "Expected a time of day from 00:00 to 23:59.")
        }
        return time
    }

    private func date(_ key: String, _ fields: FieldReader) throws(TariffError) -> CivilDate? {
        guard let value = fields[key] else { return nil }
        guard let date = value.string.flatMap(CivilDate.init) else {
            throw TariffError(.timeInvalid, at: fields.place(key), "Expected a date such as 2026-03-01.")
        }
        return date
    }

    /// Millionths of kWh, kW or A; nil if absent.
    mutating func millionths(_ key: String, _ fields: FieldReader) throws(TariffError) -> Int64? {
        let range = -TariffLimits.millionths...TariffLimits.millionths
        return try fields.decimal(key, scale: 6, within: range, notes: &notes)
    }

    /// Whole seconds; nil if absent.
    func seconds(_ key: String, _ fields: FieldReader) throws(TariffError) -> Int64? {
        try fields.integer(key, within: 0...TariffLimits.durationSeconds)
    }

    private func weekdays(_ fields: FieldReader) throws(TariffError) -> [Restriction.Weekday]? {
        guard let values = try fields.array("day_of_week") else { return nil }
        var days: [Restriction.Weekday] = []
        for (index, value) in values.enumerated() {
            days.append(try FieldReader.word(value, at: "\(fields.place("day_of_week"))/\(index)"))
        }
        return days
    }
}
