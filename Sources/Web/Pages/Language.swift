// SPDX-License-Identifier: Apache-2.0

/// A language the pages speak.
package enum Language: String, CaseIterable, Hashable, Sendable {
    /// English.
    case english = "en"
    /// German.
    case german = "de"

    /// What the language calls itself.
    package var name: String {
        switch self {
        case .english: "English"
        case .german: "Deutsch"
        }
    }

    /// What separates the whole from its parts in a number.
    var decimalSeparator: String {
        switch self {
        case .english: "."
        case .german: ","
        }
    }

    /// Chooses in the order of experience.md §4: address, cookie, browser, site.
    ///
    /// - Parameters:
    ///   - address: the value of `?lang=`.
    ///   - cookie: what the driver chose before.
    ///   - accepted: the header `Accept-Language`.
    ///   - site: the site's own language.
    package static func chosen(
        address: String? = nil, cookie: String? = nil, accepted: String? = nil, site: Language = .english
    ) -> Language {
        for text in [address, cookie] {
            if let language = text.flatMap(Language.init(tag:)) { return language }
        }
        return accepted.flatMap(Language.init(acceptLanguage:)) ?? site
    }

    /// The language of a tag such as `de-AT`; nil if the pages do not speak it.
    package init?(tag: String) {
        let primary = tag.split { $0 == "-" || $0 == "_" }.first.map { $0.lowercased() } ?? ""
        guard let language = Language(rawValue: primary.filter { $0 != " " }) else { return nil }
        self = language
    }

    /// The best of an `Accept-Language` header (RFC 9110 §12.5.4); nil if the pages speak none of it.
    private init?(acceptLanguage header: String) {
        var best: (language: Language, weight: Int64)?
        for range in header.split(separator: ",").prefix(20) {
            let parts = range.split(separator: ";")
            guard let language = parts.first.flatMap({ Language(tag: String($0)) }) else { continue }
            let weight = parts.dropFirst().compactMap(Self.thousandths).first ?? 1000
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        guard let best else { return nil }
        self = best.language
    }

    /// `q=0.8` in thousandths.
    private static func thousandths(_ parameter: Substring) -> Int64? {
        let text = parameter.filter { $0 != " " }
        guard text.hasPrefix("q=") else { return nil }
        let digits = text.dropFirst(2).split(separator: ".", omittingEmptySubsequences: false)
        guard digits.first == "0" else { return 1000 }
        let fraction = digits.count > 1 ? digits[1].prefix(3) : ""
        return Int64(fraction + String(repeating: "0", count: 3 - fraction.count))
    }
}
