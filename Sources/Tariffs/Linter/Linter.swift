// SPDX-License-Identifier: Apache-2.0

import JSONText

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
    /// Every rule, in the order in which findings are told.
    static let rules: [LintRule] = [
        .negativePrice, .reservationDimension, .impossibleRestriction, .duplicateDimension, .noFallback,
        .wholeDayWindow, .wrappingWindowWeekday, .stepZero, .stepLarge, .taxRates, .perMinuteSuspect,
        .perMinuteInexact, .nothingByUse, .emptyRestrictions,
    ]

    /// A linter with every rule.
    public init() {}

    /// The findings in an OCPI tariff; what cannot be read at all is one error.
    public func findings(inOCPI bytes: [UInt8]) -> [Finding] {
        do throws(TariffError) {
            let (tariff, notes) = try Tariff.decode(ocpi: bytes)
            return notes.compactMap(finding(for:)) + findings(in: tariff)
        } catch {
            return [Finding(error.code.rawValue, .error, at: error.path, error.message)]
        }
    }

    /// The findings in a tariff that was read or made in code.
    public func findings(in tariff: Tariff) -> [Finding] { Self.rules.flatMap { $0.check(tariff) } }

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
}

/// One rule; each is in the file of its name.
struct LintRule: Sendable {
    /// What it finds in a tariff.
    let check: @Sendable (Tariff) -> [Finding]

    /// A rule about the whole tariff.
    init(_ check: @escaping @Sendable (Tariff) -> [Finding]) { self.check = check }

    /// A rule about one element, whose place it is given.
    init(element: @escaping @Sendable (TariffElement, String) -> [Finding]) {
        check = { tariff in
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
}
