// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities

// The operator's extensions of tariffs.md §3 as fields of the OCPI objects: reading above, writing below.

extension TariffReader {
    /// Fields of a restriction beyond OCPI.
    static let restrictionExtensions: FieldReader.Names = [
        "payment_channels", "payment_brands", "card_funding", "evse_kind", "min_soc", "max_soc",
        "min_site_occupancy", "max_site_occupancy", "min_vehicle_power", "max_vehicle_power",
        "min_charging_duration", "max_charging_duration", "min_idle_duration", "max_idle_duration",
    ]

    /// Free quantity, price source, discounts and further taxes of a component.
    mutating func readExtensions(of component: inout PriceComponent, _ fields: FieldReader)
        throws(TariffError)
    {
        component.freeQuantity = try fields.integer("free_quantity", within: 0...TariffLimits.step)
        if fields["schedule"] != nil, fields["index"] != nil {
            throw TariffError(
                .limitsCross, at: fields.place("index"), "A price follows a schedule or an index, not both.")
        }
        if let values = try fields.array("schedule") {
            component.source = .schedule(
                try timedPrices(values, at: fields.place("schedule"), value: "price"))
        }
        if let value = fields["index"] {
            component.source = .index(try index(value, at: fields.place("index")))
        }
        for (number, value) in (try fields.array("discounts") ?? []).enumerated() {
            component.discounts.append(try discount(value, at: "\(fields.place("discounts"))/\(number)"))
        }
        for (number, value) in (try fields.array("further_taxes") ?? []).enumerated() {
            component.furtherTaxes.append(try tax(value, at: "\(fields.place("further_taxes"))/\(number)"))
        }
    }

    /// `[{"from", "price"}]`, ascending.
    mutating func timedPrices(_ values: [JSON], at path: String, value key: String) throws(TariffError)
        -> [TimedPrice]
    {
        guard values.count <= TariffLimits.timedPrices else {
            throw TariffError(.limitExceeded, at: path, "More than \(TariffLimits.timedPrices) prices.")
        }
        var prices: [TimedPrice] = []
        for (number, value) in values.enumerated() {
            let fields = try FieldReader(value, at: path, number, known: ["from", key], notes: &notes)
            for name in ["from", key] { _ = try fields.required(name) }
            guard let from = try fields.instant("from"), let price = try rate(key, fields) else { continue }
            prices.append(TimedPrice(from: from, price))
        }
        return prices
    }

    private mutating func index(_ value: JSON, at path: String) throws(TariffError) -> IndexPrice {
        let fields = try FieldReader(
            value, at: path, known: ["name", "factor", "adder", "floor", "cap"], notes: &notes)
        _ = try fields.required("name")
        var source = IndexPrice(try fields.string("name") ?? "")
        if let factor = try rate("factor", fields) { source.factor = factor }
        if let adder = try rate("adder", fields) { source.adder = adder }
        source.floor = try rate("floor", fields)
        source.cap = try rate("cap", fields)
        return source
    }

    private mutating func discount(_ value: JSON, at path: String) throws(TariffError) -> Discount {
        let fields = try FieldReader(value, at: path, known: ["group", "percent", "amount"], notes: &notes)
        _ = try fields.required("group")
        let group = try fields.string("group") ?? ""
        if let share = try percentage("percent", fields) {
            guard fields["amount"] == nil else {
                throw TariffError(
                    .limitsCross, at: fields.place("amount"),
                    "A discount is a percentage or an amount, not both.")
            }
            return Discount(for: group, .percent(share))
        }
        _ = try fields.required("amount")
        return Discount(for: group, .perUnit(try rate("amount", fields) ?? .zero))
    }

    private mutating func tax(_ value: JSON, at path: String) throws(TariffError) -> StackedTax {
        let fields = try FieldReader(value, at: path, known: ["rate", "level"], notes: &notes)
        _ = try fields.required("rate")
        let rate = try fields.decimal("rate", scale: 4, within: 0...TaxRate.denominator, notes: &notes) ?? 0
        let level = try fields.integer("level", within: 0...Int64(TariffLimits.taxLevel)) ?? 0
        return StackedTax(TaxRate(tenThousandthsOfPercent: rate), level: Int(level))
    }

    /// A percentage with up to four decimals; nil if absent.
    mutating func percentage(_ key: String, _ fields: FieldReader) throws(TariffError) -> Percentage? {
        try fields.decimal(key, scale: 4, within: 0...Percentage.whole, notes: &notes)
            .map(Percentage.init(tenThousandths:))
    }

    /// Conditions on driver, vehicle, site and the separate clocks.
    mutating func readExtensions(of restriction: inout Restriction, _ fields: FieldReader) throws(TariffError)
    {
        restriction.paymentChannels = try words("payment_channels", fields)
        if let values = try fields.array("payment_brands") {
            restriction.paymentBrands = try values.enumerated().map { index, value throws(TariffError) in
                guard let text = value.string else {
                    throw TariffError(
                        .fieldMissing, at: "\(fields.place("payment_brands"))/\(index)", "Expected a text.")
                }
                return text
            }
        }
        restriction.cardFunding = try fields.word("card_funding", as: RatingContext.CardFunding.self)
        restriction.evseKind = try fields.word("evse_kind", as: RatingContext.EVSEKind.self)
        restriction.minStateOfCharge = try percentage("min_soc", fields)
        restriction.maxStateOfCharge = try percentage("max_soc", fields)
        restriction.minOccupancy = try percentage("min_site_occupancy", fields)
        restriction.maxOccupancy = try percentage("max_site_occupancy", fields)
        restriction.minVehiclePower = try millionths("min_vehicle_power", fields).map(Power.init(milliwatts:))
        restriction.maxVehiclePower = try millionths("max_vehicle_power", fields).map(Power.init(milliwatts:))
        restriction.minChargingSeconds = try seconds("min_charging_duration", fields)
        restriction.maxChargingSeconds = try seconds("max_charging_duration", fields)
        restriction.minIdleSeconds = try seconds("min_idle_duration", fields)
        restriction.maxIdleSeconds = try seconds("max_idle_duration", fields)
    }

    private func words<Word: RawRepresentable>(_ key: String, _ fields: FieldReader) throws(TariffError)
        -> [Word]?
    where Word.RawValue == String {
        guard let values = try fields.array(key) else { return nil }
        var words: [Word] = []
        for (index, value) in values.enumerated() {
            words.append(try FieldReader.word(value, at: "\(fields.place(key))/\(index)"))
        }
        return words
    }
}

extension TariffReader {
    /// The object `rules`; plain if absent.
    mutating func rules(_ tariff: FieldReader) throws(TariffError) -> TariffRules {
        var rules = TariffRules()
        guard let value = tariff["rules"] else { return rules }
        let fields = try FieldReader(
            value, at: tariff.place("rules"),
            known: ["rule_set", "waive_below", "percentage_fee", "counters", "flat_on_change"], notes: &notes)
        rules.ruleSet = try fields.word("rule_set", as: TariffRules.RuleSet.self) ?? .ocpi
        if let waiver = fields["waive_below"] { rules.waiver = try self.waiver(waiver, fields) }
        if let fee = fields["percentage_fee"] { rules.percentageFee = try self.fee(fee, fields) }
        for (index, counter) in (try fields.array("counters") ?? []).enumerated() {
            rules.counters.append(try self.counter(counter, at: "\(fields.place("counters"))/\(index)"))
        }
        if let flag = fields["flat_on_change"] {
            guard let isCharged = flag.bool else {
                throw TariffError(
                    .enumUnknown, at: fields.place("flat_on_change"),
                    "Expected true or false, found \(flag.kind).")
            }
            rules.chargesFlatOnChange = isCharged
        }
        return rules
    }

    private mutating func waiver(_ value: JSON, _ parent: FieldReader) throws(TariffError)
        -> TariffRules.Waiver
    {
        let fields = try FieldReader(
            value, at: parent.place("waive_below"), known: ["energy_wh", "duration_s"], notes: &notes)
        for key in ["energy_wh", "duration_s"] { _ = try fields.required(key) }
        let energy = try fields.integer("energy_wh", within: 0...TariffLimits.step) ?? 0
        return TariffRules.Waiver(
            wattHoursBelow: energy, secondsBelow: try seconds("duration_s", fields) ?? 0)
    }

    private mutating func fee(_ value: JSON, _ parent: FieldReader) throws(TariffError)
        -> TariffRules.PercentageFee
    {
        let fields = try FieldReader(
            value, at: parent.place("percentage_fee"), known: ["percent", "vat"], notes: &notes)
        _ = try fields.required("percent")
        let tax = try fields.decimal("vat", scale: 4, within: 0...TaxRate.denominator, notes: &notes)
        return TariffRules.PercentageFee(
            try percentage("percent", fields) ?? Percentage(percent: 0),
            tax: tax.map(TaxRate.init(tenThousandthsOfPercent:)))
    }

    private mutating func counter(_ value: JSON, at path: String) throws(TariffError) -> TariffRules.Counter {
        let fields = try FieldReader(
            value, at: path, known: ["id", "cap", "type", "allowance"], notes: &notes)
        _ = try fields.required("id")
        let id = try fields.string("id") ?? ""
        if let cap = try rate("cap", fields) {
            guard fields["allowance"] == nil else {
                throw TariffError(
                    .limitsCross, at: fields.place("allowance"),
                    "A counter is a cap or an allowance, not both.")
            }
            return TariffRules.Counter(id, .cap(cap))
        }
        for key in ["type", "allowance"] { _ = try fields.required(key) }
        let quantity = try fields.integer("allowance", within: 0...TariffLimits.step) ?? 0
        let dimension = try fields.word("type", as: TariffDimension.self) ?? .energy
        return TariffRules.Counter(id, .allowance(dimension, quantity))
    }
}

extension TimedPrice {
    /// `{"from", "price"}`.
    func json(value key: String) -> JSON {
        ["from": .string(from.shortISO8601), key: price.json]
    }
}

extension PriceSource {
    /// The prices of a schedule.
    var scheduleJSON: JSON? {
        guard case .schedule(let prices) = self else { return nil }
        return .array(prices.map { $0.json(value: "price") })
    }

    /// What is made from an index.
    var indexJSON: JSON? {
        guard case .index(let source) = self else { return nil }
        return .present([
            "name": .string(source.index), "factor": source.factor.json, "adder": source.adder.json,
            "floor": source.floor?.json, "cap": source.cap?.json,
        ])
    }
}

extension Discount {
    /// `{"group", "percent"}` or `{"group", "amount"}`.
    var json: JSON {
        switch amount {
        case .percent(let share): ["group": .string(group), "percent": .string(share.text)]
        case .perUnit(let rate): ["group": .string(group), "amount": rate.json]
        }
    }
}

extension StackedTax {
    /// `{"rate", "level"}`.
    var json: JSON { ["rate": .string(rate.percentText), "level": JSON(level)] }
}

extension Restriction {
    /// The conditions beyond OCPI.
    var extensionsJSON: JSON {
        .present([
            "payment_channels": paymentChannels.map { .array($0.map { .string($0.rawValue) }) },
            "payment_brands": paymentBrands.map { .array($0.map(JSON.string)) },
            "card_funding": cardFunding.map { .string($0.rawValue) },
            "evse_kind": evseKind.map { .string($0.rawValue) },
            "min_soc": minStateOfCharge.map { .string($0.text) },
            "max_soc": maxStateOfCharge.map { .string($0.text) },
            "min_site_occupancy": minOccupancy.map { .string($0.text) },
            "max_site_occupancy": maxOccupancy.map { .string($0.text) },
            "min_vehicle_power": millionths(minVehiclePower?.milliwatts),
            "max_vehicle_power": millionths(maxVehiclePower?.milliwatts),
            "min_charging_duration": minChargingSeconds.map { JSON($0) },
            "max_charging_duration": maxChargingSeconds.map { JSON($0) },
            "min_idle_duration": minIdleSeconds.map { JSON($0) },
            "max_idle_duration": maxIdleSeconds.map { JSON($0) },
        ])
    }
}

extension TariffRules {
    /// The object `rules`, without what is plain.
    var json: JSON {
        .present([
            "rule_set": ruleSet == .ocpi ? nil : .string(ruleSet.rawValue),
            "waive_below": waiver.map {
                ["energy_wh": JSON($0.wattHours), "duration_s": JSON($0.seconds)]
            },
            "percentage_fee": percentageFee.map { fee in
                .present([
                    "percent": .string(fee.share.text), "vat": fee.taxRate.map { .string($0.percentText) },
                ])
            },
            "counters": counters.isEmpty ? nil : .array(counters.map(\.json)),
            "flat_on_change": chargesFlatOnChange ? .bool(true) : nil,
        ])
    }
}

extension TariffRules.Counter {
    fileprivate var json: JSON {
        switch rule {
        case .cap(let cap): ["id": .string(id), "cap": cap.json]
        case .allowance(let dimension, let quantity):
            ["id": .string(id), "type": .string(dimension.rawValue), "allowance": JSON(quantity)]
        }
    }
}
