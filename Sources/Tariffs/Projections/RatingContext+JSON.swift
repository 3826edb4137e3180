// SPDX-License-Identifier: Apache-2.0

package import JSONText
import Quantities

extension RatingContext {
    /// Reads the object `context` of a session file strictly; the module's front page lists its fields.
    package static func decode(_ document: JSON, at path: String = "/context") throws(RatingError)
        -> (context: RatingContext, notes: [Note])
    {
        var reader = ContextReader()
        return (try reader.context(document, at: path), reader.tariff.notes)
    }

    /// The object that decodes to an equal value.
    package var document: JSON {
        .present([
            "payment": payment,
            "evse_kind": evseKind.map { .string($0.rawValue) },
            "vehicle_max_power": vehicleMaxPower.map {
                .string(fixedPointText(Int128($0.milliwatts), scale: 6))
            },
            "groups": groups.isEmpty ? nil : .array(groups.sorted().map(JSON.string)),
            "site_occupancy": occupancy.isEmpty
                ? nil
                : .array(
                    occupancy.map {
                        ["from": .string($0.from.shortISO8601), "percent": .string($0.share.text)]
                    }),
            "indexes": indexes.isEmpty
                ? nil
                : .object(
                    indexes.sorted { $0.key < $1.key }.map { name, values in
                        JSON.Member(name, .array(values.map { $0.json(value: "value") }))
                    }),
            "counters": balances.isEmpty
                ? nil
                : .object(
                    balances.sorted { $0.key < $1.key }.map { JSON.Member($0.key, $0.value.document) }),
            "coupons": coupons.isEmpty ? nil : .array(coupons.map(\.document)),
        ])
    }

    private var payment: JSON? {
        guard paymentChannel != nil || paymentBrand != nil || cardFunding != nil else { return nil }
        return .present([
            "channel": paymentChannel.map { .string($0.rawValue) }, "brand": paymentBrand.map(JSON.string),
            "funding": cardFunding.map { .string($0.rawValue) },
        ])
    }
}

extension RatingContext.Balance {
    /// `{"spent", "currency"}` in minor units, or `{"used", "unit"}` as a decimal text.
    package var document: JSON {
        switch self {
        case .spent(let money):
            ["spent": JSON(money.minorUnits), "currency": .string(money.currency.code)]
        case .used(let quantity):
            ["used": .string(quantity.balanceText), "unit": .string(quantity.unit.balanceUnit)]
        }
    }
}

extension Measured {
    /// kWh, seconds or times with all their digits.
    fileprivate var balanceText: String { fixedPointText(fineUnits, scale: unit.balanceScale) }
}

extension Measured.Unit {
    /// What balances are counted in: hours do not end as decimals, seconds do.
    fileprivate var balanceUnit: String { self == .hour ? "s" : rawValue }

    /// How many decimals fine units are.
    fileprivate var balanceScale: Int {
        switch self {
        case .kilowattHour: 12
        case .hour: 9
        case .once: 0
        }
    }
}

extension RatingContext.Coupon {
    fileprivate var document: JSON {
        [
            "id": .string(id), "type": .string(kind.rawValue), "amount": JSON(amount.minorUnits),
            "currency": .string(amount.currency.code),
        ]
    }
}

/// Reads the object `context`, from the outermost to the innermost.
private struct ContextReader {
    /// Prices, percentages and notes are read as those of a tariff.
    var tariff = TariffReader()

    private static let fields: FieldReader.Names = [
        "payment", "evse_kind", "vehicle_max_power", "groups", "site_occupancy", "indexes", "counters",
        "coupons",
    ]

    mutating func context(_ document: JSON, at path: String) throws(RatingError) -> RatingContext {
        let fields = try FieldReader(document, at: path, known: Self.fields, notes: &tariff.notes)
        var context = RatingContext()
        if let payment = fields["payment"] {
            let payment = try FieldReader(
                payment, at: fields.place("payment"), known: ["channel", "brand", "funding"],
                notes: &tariff.notes)
            context.paymentChannel = try payment.word("channel", as: RatingContext.PaymentChannel.self)
            context.paymentBrand = try payment.string("brand")
            context.cardFunding = try payment.word("funding", as: RatingContext.CardFunding.self)
        }
        context.evseKind = try fields.word("evse_kind", as: RatingContext.EVSEKind.self)
        context.vehicleMaxPower = try tariff.millionths("vehicle_max_power", fields)
            .map(Power.init(milliwatts:))
        for (index, group) in (try fields.array("groups") ?? []).enumerated() {
            guard let name = group.string else {
                throw RatingError(.fieldMissing, at: "\(fields.place("groups"))/\(index)", "Expected a text.")
            }
            context.groups.insert(name)
        }
        context.occupancy = try occupancy(fields)
        for (name, place, value) in try members("indexes", fields) {
            guard let values = value.array else {
                throw RatingError(.fieldMissing, at: place, "Expected an array, found \(value.kind).")
            }
            context.indexes[name] = try tariff.timedPrices(values, at: place, value: "value")
        }
        for (name, place, value) in try members("counters", fields) {
            context.balances[name] = try balance(value, at: place)
        }
        for (index, value) in (try fields.array("coupons") ?? []).enumerated() {
            context.coupons.append(try coupon(value, at: "\(fields.place("coupons"))/\(index)"))
        }
        return context
    }

    /// The members of an object whose keys are names.
    private func members(_ key: String, _ fields: FieldReader) throws(RatingError)
        -> [(name: String, place: String, value: JSON)]
    {
        guard let value = fields[key] else { return [] }
        guard let members = value.object else {
            throw RatingError(
                .fieldMissing, at: fields.place(key), "Expected an object, found \(value.kind).")
        }
        return members.map { member in
            (member.key, JSONPointer(text: fields.place(key)).appending(member.key).text, member.value)
        }
    }

    private mutating func occupancy(_ fields: FieldReader) throws(RatingError) -> [RatingContext.Occupancy] {
        var shares: [RatingContext.Occupancy] = []
        for (index, value) in (try fields.array("site_occupancy") ?? []).enumerated() {
            let share = try FieldReader(
                value, at: "\(fields.place("site_occupancy"))/\(index)", known: ["from", "percent"],
                notes: &tariff.notes)
            for key in ["from", "percent"] { _ = try share.required(key) }
            guard let from = try share.instant("from"), let percent = try tariff.percentage("percent", share)
            else { continue }
            shares.append(RatingContext.Occupancy(from: from, percent))
        }
        return shares
    }

    private mutating func balance(_ value: JSON, at path: String) throws(RatingError) -> RatingContext.Balance
    {
        let fields = try FieldReader(
            value, at: path, known: ["spent", "currency", "used", "unit"], notes: &tariff.notes)
        if fields["spent"] != nil { return .spent(try money("spent", fields)) }
        let unit: Measured.Unit
        switch try fields.string("unit") {
        case "kWh": unit = .kilowattHour
        case "s": unit = .hour
        case "1": unit = .once
        default:
            throw RatingError(.enumUnknown, at: fields.place("unit"), "A balance is in kWh, s or 1.")
        }
        _ = try fields.required("used")
        // Fine units fit: the range of a decimal field is that of Int64.
        let used = try fields.decimal(
            "used", scale: unit.balanceScale, within: 0...Int64.max, notes: &tariff.notes)
        return .used(Measured(Int128(used ?? 0), unit))
    }

    private mutating func coupon(_ value: JSON, at path: String) throws(RatingError) -> RatingContext.Coupon {
        let fields = try FieldReader(
            value, at: path, known: ["id", "type", "amount", "currency"], notes: &tariff.notes)
        for key in ["id", "type"] { _ = try fields.required(key) }
        return RatingContext.Coupon(
            try fields.string("id") ?? "",
            try fields.word("type", as: RatingContext.Coupon.Kind.self) ?? .price, try money("amount", fields)
        )
    }

    private func money(_ key: String, _ fields: FieldReader) throws(RatingError) -> Money {
        for key in [key, "currency"] { _ = try fields.required(key) }
        guard let currency = try fields.string("currency").flatMap(Currency.init(code:)) else {
            throw RatingError(.currencyUnknown, at: fields.place("currency"), "No known currency.")
        }
        let amount = try fields.integer(key, within: 0...TariffLimits.minorUnits) ?? 0
        return Money(minorUnits: amount, currency: currency)
    }
}
