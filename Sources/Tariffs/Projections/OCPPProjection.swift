// SPDX-License-Identifier: Apache-2.0

package import JSONText
import Quantities

/// Writes tariffs as OCPP 2.1 TariffType (tariffs.md §6 and §7): per kWh, per minute and fixed, always net.
public struct OCPPProjection: Hashable, Sendable {
    /// How many prices per field the station can hold (`TariffCostCtrlr.MaxElements`).
    public var maximumPrices: Int
    /// Decimals of prices, 0 to 9. A price per hour ÷ 60 may not end: six keep ten hours within a cent (P08).
    public var decimals: Int

    /// A projection for stations that hold so many prices.
    public init(maximumPrices: Int = 10, decimals: Int = 6) {
        self.maximumPrices = maximumPrices
        self.decimals = min(max(decimals, 0), 9)
    }

    /// What a station gets.
    public struct Result: Hashable, Sendable {
        /// The TariffType; nil if the station cannot compute this price, so that the server sends the cost.
        package let document: JSON?
        /// What was lost or changed, each with its place in our tariff.
        public let notes: [Note]

        /// The object as bytes; nil if the server has to compute the cost (`CostUpdated`).
        public var json: [UInt8]? { document?.serialized() }
        /// Whether the server has to compute the cost.
        public var needsCentralCost: Bool { document == nil }
    }

    /// The tariff in the words of OCPP 2.1.
    public func project(_ tariff: Tariff) -> Result {
        var writer = OCPPWriter(projection: self, tariff: tariff)
        let document = writer.document()
        return Result(document: writer.isCentral ? nil : document, notes: writer.notes)
    }

    /// Different content needs another id; 240 bits of the content's hash fit into the 60 characters of one.
    static func tariffID(of tariff: Tariff) -> String {
        String(tariff.contentHash.drop { $0 != ":" }.dropFirst().prefix(60))
    }
}

/// The fields of TariffType that hold prices.
enum OCPPField: String, CaseIterable {
    case energy
    case chargingTime
    case idleTime
    case fixedFee
    case reservationTime
    case reservationFixed

    /// Which of our dimensions it prices, in which phase.
    var dimension: (TariffDimension, isReservation: Bool) {
        switch self {
        case .energy: (.energy, false)
        case .chargingTime: (.time, false)
        case .idleTime: (.parking, false)
        case .fixedFee: (.flat, false)
        case .reservationTime: (.time, true)
        case .reservationFixed: (.flat, true)
        }
    }

    /// The name of the price.
    var priceKey: String {
        switch self {
        case .energy: "priceKwh"
        case .chargingTime, .idleTime, .reservationTime: "priceMinute"
        case .fixedFee, .reservationFixed: "priceFixed"
        }
    }

    /// Whether it is decided once, at the start, by fewer conditions.
    var isFixed: Bool { self == .fixedFee || self == .reservationFixed }
    /// Whether our price per hour becomes one per minute.
    var isPerMinute: Bool { priceKey == "priceMinute" }
}

/// Writes one tariff and keeps what was lost.
private struct OCPPWriter {
    let projection: OCPPProjection
    let tariff: Tariff
    var notes: [Note] = []
    /// Whether the station cannot compute this price.
    var isCentral = false

    init(projection: OCPPProjection, tariff: Tariff) {
        self.projection = projection
        self.tariff = tariff
    }

    mutating func document() -> JSON {
        if tariff.validUntil != nil {
            notes.lose(at: "/end_date_time", "OCPP has no end of validity; send another tariff then.")
        }
        loseRules()
        var members: [JSON.Member] = [
            .init("tariffId", .string(OCPPProjection.tariffID(of: tariff))),
            .init("currency", .string(tariff.currency.code)),
        ]
        if let from = tariff.validFrom { members.append(.init("validFrom", .string(from.shortISO8601))) }
        for field in OCPPField.allCases {
            if let value = self.field(field) { members.append(.init(field.rawValue, value)) }
        }
        let texts = tariff.particulars.texts.prefix(10).map { text -> JSON in
            [
                "format": "UTF8", "language": .string(text.language),
                "content": .string(String(text.text.prefix(1024))),
            ]
        }
        if !texts.isEmpty { members.append(.init("description", .array(Array(texts)))) }
        if let limit = tariff.minimum { members.append(.init("minCost", cost(limit))) }
        if let limit = tariff.maximum { members.append(.init("maxCost", cost(limit))) }
        return .object(members)
    }

    private func cost(_ limit: Tariff.Limit) -> JSON {
        .present([
            "exclTax": .number(limit.net.decimal), "inclTax": limit.gross.map { .number($0.decimal) },
        ])
    }

    private mutating func loseRules() {
        let rules = tariff.rules
        if rules.ruleSet == .ocpi,
            tariff.elements.contains(where: { $0.components.contains { $0.stepSize ?? 0 > 0 } })
        {
            notes.lose(at: "/elements", "OCPP has no steps: quantities are exact.")
        }
        if rules.waiver != nil { notes.lose(at: "/rules/waive_below", "OCPP waives no trivial session.") }
        if rules.percentageFee != nil {
            notes.lose(at: "/rules/percentage_fee", "OCPP has no fee in percent.")
            isCentral = true
        }
        for index in rules.counters.indices {
            notes.lose(at: "/rules/counters/\(index)", "OCPP knows no count over several sessions.")
            isCentral = true
        }
    }

    private mutating func field(_ field: OCPPField) -> JSON? {
        let (dimension, isReservation) = field.dimension
        var prices: [JSON] = []
        var taxes: [Set<[JSON]>.Element] = []
        for (number, element) in tariff.elements.enumerated() where element.isReservation == isReservation {
            guard let index = element.components.firstIndex(where: { $0.dimension == dimension }) else {
                continue
            }
            let place = "/elements/\(number)/price_components/\(index)"
            let component = element.components[index]
            if element.restriction?.reservation == .expired {
                notes.lose(
                    at: "/elements/\(number)/restrictions/reservation",
                    "OCPP does not tell an expired reservation from a used one; the element is left out.")
                continue
            }
            guard
                let conditions = conditions(
                    element.restriction, of: component, field, at: "/elements/\(number)")
            else { continue }
            loseExtensions(of: component, at: place)
            prices.append(
                .present([
                    field.priceKey: .number(price(component, field, at: place)),
                    "conditions": conditions.object?.isEmpty == true ? nil : conditions,
                ]))
            taxes.append(taxRates(of: component))
        }
        guard !prices.isEmpty else { return nil }
        if Set(taxes).count > 1 {
            notes.lose(at: "/elements", "OCPP has one list of tax rates for all prices of \(field.rawValue).")
            isCentral = true
        }
        if prices.count > projection.maximumPrices {
            notes.lose(
                at: "/elements",
                "TooManyElements: \(prices.count) prices of \(field.rawValue), the station holds "
                    + "\(projection.maximumPrices).")
            isCentral = true
        }
        return .present([
            "prices": .array(prices), "taxRates": taxes[0].isEmpty ? nil : .array(taxes[0]),
        ])
    }

    private func taxRates(of component: PriceComponent) -> [JSON] {
        guard tariff.taxMode != .none else { return [] }
        let first = component.taxRate.map { rate -> JSON in
            ["type": "VAT", "tax": .number(rate.percentText), "stack": 0]
        }
        let further = component.furtherTaxes.map { tax -> JSON in
            ["type": "VAT", "tax": .number(tax.rate.percentText), "stack": JSON(tax.level)]
        }
        return (first.map { [$0] } ?? []) + further
    }

    /// The net price per kWh, minute or session, rounded half up to the decimals of the projection.
    private mutating func price(_ component: PriceComponent, _ field: OCPPField, at path: String) -> String {
        var numerator = Int128(component.price.billionths)
        var denominator: Int128 = field.isPerMinute ? 60 : 1
        if tariff.taxMode == .included, let rate = component.taxRate {
            numerator *= Int128(TaxRate.denominator)
            denominator *= Int128(TaxRate.denominator + rate.tenThousandthsOfPercent)
        }
        var unit: Int128 = 1
        for _ in projection.decimals..<9 { unit *= 10 }
        let rounded = divide(numerator, by: denominator * unit, rounding: .halfUp)
        let text = fixedPointText(rounded, scale: projection.decimals)
        if rounded * denominator * unit != numerator {
            notes.lose(
                at: path + "/price",
                "The price has no exact value with \(projection.decimals) decimals: \(text).")
        }
        return text
    }

    private mutating func loseExtensions(of component: PriceComponent, at path: String) {
        let losses: [(Bool, String, String)] = [
            (component.cap != nil, "cap", "OCPP has no cap of one component."),
            (component.floor != nil, "floor", "OCPP has no floor of one component."),
            (
                component.source != nil, "index",
                "OCPP has one price per condition; the server computes the cost."
            ),
            (!component.discounts.isEmpty, "discounts", "Send the driver a tariff of their own."),
        ]
        for (isLost, key, message) in losses where isLost { notes.lose(at: "\(path)/\(key)", message) }
        if component.cap != nil || component.floor != nil || component.source != nil { isCentral = true }
    }
}

extension OCPPWriter {
    /// The conditions; nil if they cannot be said and the price is left out.
    private mutating func conditions(
        _ restriction: Restriction?, of component: PriceComponent, _ field: OCPPField, at path: String
    ) -> JSON? {
        let restriction = restriction ?? Restriction()
        let place = path + "/restrictions"
        if restriction.isBeyondOCPP {
            notes.lose(at: place, "OCPP cannot say these conditions, so the price is left out.")
            isCentral = true
            return nil
        }
        var members = clockConditions(restriction)
        if field.isFixed {
            return fixedConditions(restriction, members, at: place)
        }
        func millionths(_ value: Int64?, _ scale: Int) -> JSON? {
            value.map { .number(fixedPointText(Int128($0), scale: scale)) }
        }
        let free = freeQuantity(of: component, field, restriction, at: path)
        // OCPP counts Wh and W.
        members +=
            JSON.present([
                "minEnergy": free.energy ?? millionths(restriction.minEnergy?.milliwattHours, 3),
                "maxEnergy": millionths(restriction.maxEnergy?.milliwattHours, 3),
                "minCurrent": millionths(restriction.minCurrent?.microamperes, 6),
                "maxCurrent": millionths(restriction.maxCurrent?.microamperes, 6),
                "minPower": millionths(restriction.minPower?.milliwatts, 3),
                "maxPower": millionths(restriction.maxPower?.milliwatts, 3),
                "minTime": restriction.minDurationSeconds.map { JSON($0) },
                "maxTime": restriction.maxDurationSeconds.map { JSON($0) },
                "minChargingTime": free.charging ?? restriction.minChargingSeconds.map { JSON($0) },
                "maxChargingTime": restriction.maxChargingSeconds.map { JSON($0) },
                "minIdleTime": free.idle ?? restriction.minIdleSeconds.map { JSON($0) },
                "maxIdleTime": restriction.maxIdleSeconds.map { JSON($0) },
            ]).object ?? []
        if !(restriction.paymentBrands ?? []).isEmpty || restriction.cardFunding != nil {
            notes.lose(at: place, "OCPP tells payments apart for fixed fees only; the price is left out.")
            return nil
        }
        return .object(members)
    }

    /// Grace and free quantities are lower bounds in OCPP.
    private mutating func freeQuantity(
        of component: PriceComponent, _ field: OCPPField, _ restriction: Restriction, at path: String
    ) -> (energy: JSON?, charging: JSON?, idle: JSON?) {
        let grace = component.graceSeconds.flatMap { $0 > 0 ? $0 : nil }
        guard let free = component.freeQuantity, free > 0 else {
            return (nil, nil, field == .idleTime ? grace.map { JSON($0) } : nil)
        }
        switch field {
        case .energy where restriction.minEnergy == nil: return (JSON(free), nil, nil)
        case .chargingTime where restriction.minChargingSeconds == nil: return (nil, JSON(free), nil)
        default:
            notes.lose(at: path, "OCPP cannot say this free quantity.")
            return (nil, nil, grace.map { JSON($0) })
        }
    }

    private func clockConditions(_ restriction: Restriction) -> [JSON.Member] {
        let days = restriction.weekdays.map { days in
            JSON.array(
                days.map { .string(String($0.rawValue.prefix(1) + $0.rawValue.dropFirst().lowercased())) })
        }
        return JSON.present([
            "startTimeOfDay": restriction.startTime.map { .string($0.description) },
            "endTimeOfDay": restriction.endTime.map { .string($0.description) },
            "dayOfWeek": days,
            "validFromDate": restriction.startDate.map { .string($0.description) },
            "validToDate": restriction.endDate.map { .string($0.description) },
            "evseKind": restriction.evseKind.map { .string($0.rawValue) },
        ]).object ?? []
    }

    /// OCPP decides a fee once, at the start: a lower bound that cannot hold there never does.
    private mutating func fixedConditions(
        _ restriction: Restriction, _ clock: [JSON.Member], at path: String
    ) -> JSON? {
        let isNeverAtStart =
            restriction.minEnergy.map { $0 > .zero } ?? false || restriction.minDurationSeconds ?? 0 > 0
            || restriction.minChargingSeconds ?? 0 > 0 || restriction.minIdleSeconds ?? 0 > 0
            || restriction.minPower != nil || restriction.maxPower != nil || restriction.minCurrent != nil
            || restriction.maxCurrent != nil
        if isNeverAtStart {
            notes.lose(at: path, "OCPP decides a fee at the start only; this one is left out.")
            return nil
        }
        if tariff.rules.ruleSet == .ocpi, restriction.readsLocalTime {
            notes.lose(at: path, "OCPP decides a fee at the start only; under OCPI it can begin later (D10).")
        }
        let brand = restriction.paymentBrands.flatMap { $0.count == 1 ? $0[0] : nil }
        if restriction.paymentBrands != nil, brand == nil {
            notes.lose(at: path + "/payment_brands", "OCPP names one brand per fee; this one is left out.")
            return nil
        }
        let recognition = restriction.cardFunding.map { $0 == .debit ? "Debit" : "CC" }
        return .object(
            clock
                + (JSON.present([
                    "paymentBrand": brand.map(JSON.string),
                    "paymentRecognition": recognition.map { .string($0) },
                ]).object ?? []))
    }
}

extension Restriction {
    /// Whether it asks for something that no station knows.
    fileprivate var isBeyondOCPP: Bool {
        paymentChannels != nil || minStateOfCharge != nil || maxStateOfCharge != nil || minOccupancy != nil
            || maxOccupancy != nil || minVehiclePower != nil || maxVehiclePower != nil
    }
}
