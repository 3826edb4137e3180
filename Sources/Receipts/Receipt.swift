// SPDX-License-Identifier: Apache-2.0

package import Quantities
package import Tariffs

/// The receipt of one paid session (receipts.md §2): a value that is stored once and rendered for ever.
///
/// It can only be built if everything on it agrees: phases with lines, lines with totals, net and tax with gross, the
/// meter with the energy, what was reserved with what was taken and released.
package struct Receipt: Hashable, Sendable, Codable {
    /// Who sold the energy.
    package struct Seller: Hashable, Sendable, Codable {
        package var legalName: String
        package var address: String
        package var vatID: String?
        package var supportPhone: String?
        package var email: String?

        package init(
            legalName: String, address: String, vatID: String?, supportPhone: String?, email: String?
        ) {
            self.legalName = legalName
            self.address = address
            self.vatID = vatID
            self.supportPhone = supportPhone
            self.email = email
        }
    }

    /// Where it was.
    package struct Place: Hashable, Sendable, Codable {
        package var site: String
        package var address: String
        package var evseID: String
        /// The code printed on the EVSE.
        package var evseCode: String
        /// `AC` or `DC`.
        package var currentType: String
        package var powerMax: Power
        package var timeZone: String

        package init(
            site: String, address: String, evseID: String, evseCode: String, currentType: String,
            powerMax: Power,
            timeZone: String
        ) {
            self.site = site
            self.address = address
            self.evseID = evseID
            self.evseCode = evseCode
            self.currentType = currentType
            self.powerMax = powerMax
            self.timeZone = timeZone
        }
    }

    /// What happened.
    package struct Charge: Hashable, Sendable, Codable {
        package var session: SessionID
        package var startedAt: Instant
        package var endedAt: Instant
        package var energy: Energy
        package var startRegister: Energy?
        package var endRegister: Energy?
        package var stopReason: String?
        /// The token, masked; nil for a guest.
        package var token: String?
        /// How long energy was asked for or withheld by the station.
        package var chargingTime: Elapsed?
        /// How long the vehicle was plugged in without asking for energy.
        package var idleTime: Elapsed?
        /// The most power that was told.
        package var powerPeak: Power?
        /// The meter's own number.
        package var meterSerial: String?

        // exception(T7): a list of what a receipt must show, each with its label.
        package init(
            session: SessionID, startedAt: Instant, endedAt: Instant, energy: Energy, startRegister: Energy?,
            endRegister: Energy?, stopReason: String?, token: String?
        ) {
            self.session = session
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.energy = energy
            self.startRegister = startRegister
            self.endRegister = endRegister
            self.stopReason = stopReason
            self.token = token
        }
    }

    /// How it was paid.
    package struct Paid: Hashable, Sendable, Codable {
        /// E.g. `visa •••• 4242` or `Prepaid balance`.
        package var method: String
        package var reserved: Money
        package var captured: Money
        package var released: Money
        package var reservedAt: Instant?
        package var capturedAt: Instant

        package init(
            method: String, reserved: Money, captured: Money, released: Money, reservedAt: Instant?,
            capturedAt: Instant
        ) {
            self.method = method
            self.reserved = reserved
            self.captured = captured
            self.released = released
            self.reservedAt = reservedAt
            self.capturedAt = capturedAt
        }
    }

    /// Which price was promised.
    package struct PriceProof: Hashable, Sendable, Codable {
        package var tariff: String
        package var version: TariffVersionID
        package var hash: String

        package init(tariff: String, version: TariffVersionID, hash: String) {
            self.tariff = tariff
            self.version = version
            self.hash = hash
        }
    }

    /// A line: what, how much, why, for how much.
    package struct Line: Hashable, Sendable, Codable {
        /// `energy`, `time`, `idle`, `session`, …
        package var kind: String
        package var quantity: String
        /// `kWh`, `h`, or empty for a fee.
        package var unit: String
        package var unitPrice: String?
        package var from: Instant
        package var to: Instant
        package var net: Money
        /// As the driver saw it: gross if prices include tax, else net.
        package var amount: Money
        package var taxRate: TaxRate?
        /// Why this price, in words.
        package var why: String
        /// The sum behind the amount.
        package var arithmetic: String
        /// The stretches with different prices, in order of time; nil if there is but one. They sum to the amount.
        package var phases: [Phase]?
    }

    /// A stretch of a line with one price.
    package struct Phase: Hashable, Sendable, Codable {
        package var from: Instant
        package var to: Instant
        package var quantity: String
        /// `kWh`, `h`, or empty for a fee.
        package var unit: String
        package var unitPrice: String?
        package var amount: Money
        /// Why this price, in words.
        package var why: String
    }

    /// What one rate of tax comes to.
    package struct Tax: Hashable, Sendable, Codable {
        package var rate: TaxRate?
        package var base: Money
        package var amount: Money
    }

    /// `R-2026-000123`.
    package let number: String
    package let issuedAt: Instant
    package let seller: Seller
    package let place: Place
    package let charge: Charge
    package let lines: [Line]
    package let taxes: [Tax]
    package let net: Money
    package let gross: Money
    /// Whether line amounts contain the tax.
    package let includesTax: Bool
    package let paid: Paid
    package let proof: PriceProof
    package let roundingPolicy: String
    /// The version of the template it is rendered with.
    package let template: Int

    /// Everything a receipt is made of.
    package struct Parts: Sendable {
        package var number: String
        package var issuedAt: Instant
        package var seller: Seller
        package var place: Place
        package var charge: Charge
        package var paid: Paid
        package var proof: PriceProof

        package init(
            number: String, issuedAt: Instant, seller: Seller, place: Place, charge: Charge, paid: Paid,
            proof: PriceProof
        ) {
            self.number = number
            self.issuedAt = issuedAt
            self.seller = seller
            self.place = place
            self.charge = charge
            self.paid = paid
            self.proof = proof
        }
    }

    /// Builds it, or says what does not agree.
    package init(_ rated: Rated, _ parts: Parts) throws(Refusal) {
        number = parts.number
        issuedAt = parts.issuedAt
        seller = parts.seller
        place = parts.place
        charge = parts.charge
        paid = parts.paid
        proof = parts.proof
        lines = Self.lines(of: rated)
        taxes = rated.taxes.map { Tax(rate: $0.rate, base: $0.base, amount: $0.amount) }
        net = rated.net
        gross = rated.gross
        includesTax = rated.lineBasis == .afterTax
        roundingPolicy = rated.roundingPolicy
        template = 1
        try check()
    }

    private static func lines(of rated: Rated) -> [Line] {
        zip(rated.lines, rated.netPerLine()).map { line, net in
            Line(
                kind: line.kind.printed, quantity: line.quantity.decimal,
                unit: line.quantity.unit == .once ? "" : line.quantity.unit.rawValue,
                unitPrice: line.unitPrice?.decimal,
                from: line.from, to: line.to, net: net, amount: line.amount, taxRate: line.taxRate,
                why: line.why, arithmetic: line.arithmetic, phases: phases(of: line))
        }
    }

    /// A line's amount split over its prices by largest remainder: documents never round again (receipts.md §5).
    private static func phases(of line: RatedLine) -> [Phase]? {
        // Millionths decide only where a cent goes, not how many there are.
        let sizes = line.parts.map { fixedPoint($0.exact.decimal(maximumFractionDigits: 6), scale: 6) ?? 0 }
        guard line.parts.count > 1, sizes.allSatisfy({ $0 >= 0 }) || sizes.allSatisfy({ $0 <= 0 }) else {
            return nil
        }
        let amounts = line.amount.allocated(by: sizes.map { $0 < 0 ? -$0 : $0 })
        return zip(line.parts, amounts).map { part, amount in
            Phase(
                from: part.from, to: part.to, quantity: part.quantity.decimal,
                unit: part.quantity.unit == .once ? "" : part.quantity.unit.rawValue,
                unitPrice: part.unitPrice?.decimal, amount: amount, why: part.reason.words)
        }
    }

    /// What on a receipt does not agree; such a receipt does not exist.
    package enum Refusal: Error, Hashable, Sendable {
        case linesDoNotSumToTotal(lines: Money, total: Money)
        case netsDoNotSumToNet(lines: Money, net: Money)
        case taxDoesNotSumToGross(net: Money, tax: Money, gross: Money)
        case meterDoesNotGiveEnergy(meter: Energy, energy: Energy)
        case reservedIsNotCapturedPlusReleased(reserved: Money, captured: Money, released: Money)
        case phasesDoNotSumToLine(phases: Money, line: Money)
        /// More than four digits of a card in a row; the text is not repeated here.
        case showsCardNumber
    }

    private func check() throws(Refusal) {
        let currency = gross.currency
        let total = includesTax ? gross : net
        let sum = lines.map(\.amount).sum(in: currency)
        guard sum == total else { throw .linesDoNotSumToTotal(lines: sum, total: total) }
        let nets = lines.map(\.net).sum(in: currency)
        guard nets == net else { throw .netsDoNotSumToNet(lines: nets, net: net) }
        let tax = taxes.map(\.amount).sum(in: currency)
        guard net + tax == gross else { throw .taxDoesNotSumToGross(net: net, tax: tax, gross: gross) }
        if let start = charge.startRegister, let end = charge.endRegister, end - start != charge.energy {
            throw .meterDoesNotGiveEnergy(meter: end - start, energy: charge.energy)
        }
        for line in lines {
            guard let phases = line.phases else { continue }
            let sum = phases.map(\.amount).sum(in: currency)
            guard sum == line.amount else { throw .phasesDoNotSumToLine(phases: sum, line: line.amount) }
        }
        guard !Self.showsCardNumber(paid.method) else { throw .showsCardNumber }
        guard paid.reserved == paid.captured + paid.released else {
            throw .reservedIsNotCapturedPlusReleased(
                reserved: paid.reserved, captured: paid.captured, released: paid.released)
        }
    }
}

extension Receipt {
    /// Whether a text shows more digits of a card than the last four, also with spaces or hyphens between them.
    private static func showsCardNumber(_ text: String) -> Bool {
        var run = 0
        for character in text {
            if character.isNumber { run += 1 } else if !" -".contains(character) { run = 0 }
            if run > 4 { return true }
        }
        return false
    }
}

extension LineKind {
    /// The word on receipts, pages and in the API (decided.md, Line kinds).
    package var printed: String {
        switch self {
        case .parking: "idle"
        case .flat: "session"
        default: rawValue
        }
    }
}
