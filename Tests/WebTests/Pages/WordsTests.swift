// SPDX-License-Identifier: Apache-2.0
import Testing
import Web

@Suite("Words", .timeLimit(.minutes(1)))
struct WordsTests {
    @Test("every language has every text, with the same gaps", arguments: Language.allCases)
    func nothingMissing(language: Language) {
        let (words, english) = (Words(language), Words(.english))
        #expect(words.missing.isEmpty)
        for word in Word.allCases {
            let pattern = words.pattern(word)
            #expect(Self.gaps(of: pattern) == Self.gaps(of: english.pattern(word)), "\(language): \(word)")
        }
        let same = Word.allCases.filter { words.pattern($0) == english.pattern($0) }
        #expect(language == .english || same.count < 30, "these may be untranslated: \(same)")
    }

    @Test("a value that looks like a gap is not filled again")
    func onePass() {
        let text = Words(.english)(.unknownPoint, ["code": "{code}"])

        #expect(text == "No charging point has the code {code}")
    }

    @Test("the language is chosen by address, then cookie, then browser, then site")
    func choice() {
        #expect(Language.chosen(address: "de", cookie: "en", accepted: "en") == .german)
        #expect(Language.chosen(address: "xx", cookie: "de", accepted: "en") == .german)
        #expect(Language.chosen(accepted: "fr, en;q=0.5, de-AT;q=0.8") == .german)
        #expect(Language.chosen(accepted: "fr;q=1, de;q=0", site: .english) == .english)
        #expect(Language.chosen(accepted: "nonsense;;;q=,", site: .german) == .german)
        #expect(Language.chosen(accepted: "DE_de") == .german)
    }

    private static func gaps(of text: String) -> Set<String> {
        Set(text.matches(of: /\{([a-z]+)\}/).map { String($0.1) })
    }
}
