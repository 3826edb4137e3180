// SPDX-License-Identifier: Apache-2.0

/// The texts of one language.
package struct Words: Sendable {
    /// What they are in.
    package let language: Language

    /// The texts of a language.
    package init(_ language: Language) { self.language = language }

    /// A text with its gaps filled; names that the text does not have are ignored.
    package func callAsFunction(_ word: Word, _ values: KeyValuePairs<String, String> = [:]) -> String {
        var rest = pattern(word)[...]
        var text = ""
        // One pass, so that a value which looks like a gap stays what it is.
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = rest[rest.index(after: open)..<close]
            text += rest[..<open]
            text += values.first { $0.key == name }?.value ?? String(rest[open...close])
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }

    /// The text with its gaps. A word that a language lacks is English; a test sees to it that none lacks any.
    package func pattern(_ word: Word) -> String {
        table[word] ?? Language.englishWords[word] ?? word.rawValue
    }

    /// Words that this language lacks; none, or a test fails.
    package var missing: [Word] { Word.allCases.filter { table[$0] == nil } }

    /// All texts by name, for templates.
    var all: [String: String] { Self.byName[language] ?? [:] }

    private var table: [Word: String] {
        switch language {
        case .english: Language.englishWords
        case .german: Language.germanWords
        }
    }

    private static let byName: [Language: [String: String]] = Dictionary(
        uniqueKeysWithValues: Language.allCases.map { language in
            let words = Words(language)
            return (
                language,
                Dictionary(uniqueKeysWithValues: Word.allCases.map { ($0.rawValue, words.pattern($0)) })
            )
        })
}
