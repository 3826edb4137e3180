// SPDX-License-Identifier: Apache-2.0

import JSONText
public import Quantities

/// One thing in a tariff that is wrong, doubtful or worth knowing before it is published (tariffs.md §9).
public struct Finding: Hashable, Sendable, Codable {
    /// How much it matters.
    public enum Severity: String, Hashable, Sendable, Codable {
        /// Must not be published.
        case error
        /// Is probably not what was meant.
        case warning
        /// Is worth knowing.
        case info
    }

    /// The rule's name, e.g. `no_fallback`; for what cannot be read the code of the refusal.
    public let code: String
    /// How much it matters.
    public let severity: Severity
    /// The place in the tariff, as RFC 6901 writes it.
    public let path: String
    /// One sentence for a person.
    public let message: String

    /// A finding at a place.
    public init(_ code: String, _ severity: Severity, at path: String, _ message: String) {
        self.code = code
        self.severity = severity
        self.path = path
        self.message = message
    }
}

/// Reads a tariff as its owner wrote it and says what is wrong or doubtful.
public struct Linter: Sendable {
    /// What is known about the place and the time at which the tariff is read; rules that need what is not
    /// known stay silent or say less.
    public struct Surroundings: Hashable, Sendable {
        /// The time of reading; without it nothing is expired.
        public var instant: Instant?
        /// The clocks of the place over the dates that the tariff names; without them the nights on which
        /// Europe and North America change their clocks are taken.
        public var zone: ZoneRules?
        /// The largest power at which the tariff is offered.
        public var power: Power?
        /// How many prices per field a station takes (OCPP 2.1 `MaxElements`).
        public var maximumPrices = 10

        /// Nothing known.
        public init(at instant: Instant? = nil, zone: ZoneRules? = nil, power: Power? = nil) {
            self.instant = instant
            self.zone = zone
            self.power = power
        }
    }

    /// Every rule, in the order in which findings are told.
    static let rules: [LintRule] = [
        .negativePrice, .reservationDimension, .impossibleRestriction, .unreachableElement,
        .duplicateDimension, .noFallback, .flatLate, .wholeDayWindow, .wrappingWindowWeekday, .stepZero,
        .stepUnusedTime, .stepLarge, .vatFraction, .vatImplausible, .taxRateMissing, .strayTaxRate,
        .perMinuteSuspect, .neverActive, .expired, .nothingByUse, .idleGraceFromStart, .perMinuteInexact,
        .tooManyElements, .dstAmbiguous, .afirAdhoc, .perMinuteEnergy, .emptyRestrictions,
    ]

    private let surroundings: Surroundings

    /// A linter with every rule.
    public init(_ surroundings: Surroundings = Surroundings()) { self.surroundings = surroundings }

    /// The findings in an OCPI tariff; what cannot be read at all is one error.
    public func findings(inOCPI bytes: [UInt8]) -> [Finding] {
        do throws(TariffError) {
            let (tariff, notes) = try Tariff.decode(ocpi: bytes)
            return notes.compactMap(finding(for:)) + findings(in: tariff)
        } catch {
            return [finding(for: error)]
        }
    }

    /// The findings in a tariff that was read or made in code.
    public func findings(in tariff: Tariff) -> [Finding] {
        Self.rules.flatMap { $0.check(tariff, surroundings) }
    }

    /// A misspelt condition changes the price, any other unknown field does not (tandem#57, tandem#80).
    private func finding(for note: Note) -> Finding? {
        guard note.code == .unknownField else { return nil }
        guard note.path.contains("/restrictions/") else {
            return Finding(note.code.rawValue, .warning, at: note.path, note.message)
        }
        return Finding(
            "unknown_field_in_restrictions", .error, at: note.path,
            "Nobody knows this condition; is it misspelt?")
    }

    /// What keeps a tariff from being read, `limits_cross` for instance; a step below zero has its own name.
    private func finding(for refusal: TariffError) -> Finding {
        let isNegativeStep =
            refusal.code == .limitExceeded && refusal.path.hasSuffix("/step_size")
            && refusal.message.hasPrefix("-")
        return Finding(
            isNegativeStep ? "negative_price" : refusal.code.rawValue, .error, at: refusal.path,
            refusal.message)
    }
}

extension [Finding] {
    /// The findings as `amptill lint` prints them: an array of `{code, severity, path, message}`.
    public var contractJSON: [UInt8] {
        JSON.array(
            map { finding in
                [
                    "code": .string(finding.code), "severity": .string(finding.severity.rawValue),
                    "path": .string(finding.path), "message": .string(finding.message),
                ]
            }
        ).serialized(sortedKeys: false, pretty: true)
    }
}

/// One rule; each is in the file of its name.
struct LintRule: Sendable {
    /// What it finds in a tariff, knowing what is known about its surroundings.
    let check: @Sendable (Tariff, Linter.Surroundings) -> [Finding]

    /// A rule about the whole tariff and its surroundings.
    init(inSurroundings check: @escaping @Sendable (Tariff, Linter.Surroundings) -> [Finding]) {
        self.check = check
    }

    /// A rule about the whole tariff.
    init(_ check: @escaping @Sendable (Tariff) -> [Finding]) {
        self.check = { tariff, _ in check(tariff) }
    }

    /// A rule about one element, whose place it is given.
    init(element: @escaping @Sendable (TariffElement, String) -> [Finding]) {
        self.init { tariff in
            tariff.elements.enumerated().flatMap { element($1, "/elements/\($0)") }
        }
    }

    /// A rule about one component, whose place it is given.
    init(component: @escaping @Sendable (PriceComponent, TariffElement, String) -> Finding?) {
        self.init { element, path in
            element.components.enumerated().compactMap { index, part in
                component(part, element, "\(path)/price_components/\(index)")
            }
        }
    }

    /// A rule about the rate of tax of each component.
    init(taxRate: @escaping @Sendable (TaxRate?, Tariff.TaxMode) -> (code: String, message: String)?) {
        self.init { tariff in
            tariff.elements.enumerated().flatMap { number, element in
                element.components.enumerated().compactMap { index, component in
                    taxRate(component.taxRate, tariff.taxMode).map {
                        Finding(
                            $0.code, .warning, at: "/elements/\(number)/price_components/\(index)/vat",
                            $0.message)
                    }
                }
            }
        }
    }
}
