// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The rules that a line of code alone can break (house style: T3, T8, T9, T11, T12, SQL, environment).
enum Limits {
    /// A rule as a pattern of code, where it holds, and what lets a line pass.
    struct Rule: Sendable {
        let id: String
        let modules: [String]?
        let isExcused: @Sendable (SourceTree.File, Int) -> Bool
        /// Whether the rule looks at the line as written instead of at its code.
        var readsTexts = false
        /// Words without which the pattern cannot match: a search for them is much quicker.
        var words: [String] = []
        let isBroken: @Sendable (String) -> Bool
    }

    /// Where a rule cannot be kept, each with its reason. Nothing is added here without one.
    static let allowed: [(rule: String, path: String, reason: String)] = [
        (
            "T8", "Sources/Storage/Rows/RowDecoder.swift",
            "Codable asks for these methods; they refuse every float"
        ),
        (
            "T8", "Sources/Storage/Rows/RowEncoder.swift",
            "Codable asks for these methods; they refuse every float"
        ),
        (
            "T8", "Sources/Storage/Threads/Mailbox.swift",
            "NSCondition takes its deadline as a Date; it is a wait, not a time"
        ),
    ]

    /// Computed, because a pattern that is stored is not `Sendable`.
    static var rules: [Rule] {
        [
            Rule(
                id: "T3", modules: Arrows.pure, isExcused: never,
                words: ["await", "async", "Task", "Logger", "Date()", ".now", "UUID()", "andom", "print("]
            ) { code in
                code.contains(
                    /\b(await|async|Task|Logger)\b|\bDate\(\)|\.now\b|\bUUID\(\)|\.random\(|RandomNumberGenerator|\bprint\(/
                )
            },
            Rule(
                id: "T8", modules: Arrows.exact, isExcused: never,
                words: ["Double", "Float", "Decimal", "Date"]
            ) { code in
                code.contains(/\b(Double|Float|Decimal|Date)\b/)
            },
            Rule(
                id: "T9", modules: nil, isExcused: { file, _ in file.module == "Quantities" },
                words: ["minorUnits"]
            ) { code in
                code.contains(/minorUnits\s*[*\/]|[*\/]\s*[A-Za-z.]*minorUnits\b/)
            },
            Rule(id: "T11", modules: nil, isExcused: never, words: ["!"]) { code in
                code.contains(/\btry!|\bas!|[A-Za-z0-9_)\]]!([.,)\]\s\[]|$)/) && !code.contains("!=")
            },
            Rule(id: "T11", modules: nil, isExcused: hasCommentNear) { code in code.contains("try?") },
            Rule(id: "T12", modules: nil, isExcused: hasExceptionNear) { code in
                code.contains("@unchecked Sendable") || code.contains("nonisolated(unsafe)")
            },
            Rule(
                id: "SQL", modules: nil, isExcused: { file, _ in file.module == "Storage" }, readsTexts: true,
                words: ["SELECT", "INSERT", "DELETE", "UPDATE"]
            ) { line in line.contains(/\b(SELECT .* FROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b/) },
            Rule(id: "environment", modules: nil, isExcused: { file, _ in file.module == "App" }) { code in
                code.contains("processInfo.environment") || code.contains("getenv(")
            },
        ]
    }

    static func breaches(in file: SourceTree.File) -> [Breach] {
        var breaches: [Breach] = []
        for rule in rules where rule.modules?.contains(file.module) ?? true {
            for index in file.lines.indices {
                let text = rule.readsTexts ? withoutComment(file.lines[index]) : file.code[index]
                guard !text.isEmpty, rule.words.isEmpty || rule.words.contains(where: text.contains),
                    rule.isBroken(text), !rule.isExcused(file, index),
                    !allowed.contains(where: { $0.rule == rule.id && $0.path == file.path })
                else { continue }
                breaches.append(
                    Breach(rule: rule.id, path: file.path, line: index + 1, text: file.lines[index]))
            }
        }
        return breaches
    }

    private static let never: @Sendable (SourceTree.File, Int) -> Bool = { _, _ in false }

    /// A reason stands on the line, within the three above it, or right below it.
    private static let hasCommentNear: @Sendable (SourceTree.File, Int) -> Bool = { file, index in
        file.lines[max(0, index - 3)...min(file.lines.count - 1, index + 1)].contains { $0.contains("//") }
    }

    private static let hasExceptionNear: @Sendable (SourceTree.File, Int) -> Bool = { file, index in
        file.lines[max(0, index - 3)...index].contains { $0.contains("exception(T12)") }
    }

    private static func withoutComment(_ line: String) -> String {
        line.trimmingCharacters(in: .whitespaces).hasPrefix("//") ? "" : line
    }
}
