// SPDX-License-Identifier: Apache-2.0

/// T3: pure modules take time, ids and randomness as arguments, wait for nothing and say nothing.
enum Purity {
    private static let words: Set<String> = [
        "await", "async", "Task", "TaskGroup", "Logger", "ContinuousClock", "SuspendingClock",
        "SystemRandomNumberGenerator", "ProcessInfo", "FileManager", "FileHandle", "DispatchQueue", "Thread",
        "URLSession",
        "clock_gettime", "gettimeofday", "getenv", "fopen", "readLine", "arc4random", "randomElement",
    ]
    private static let calls: Set<String> = ["print", "debugPrint", "dump", "UUID", "Date", "time"]
    private static let drawn: Set<String> = ["random", "shuffled", "shuffle"]

    static func check(_ file: SourceFile) -> [Finding] {
        guard let module = file.module, Arrows.pure.contains(module) else { return [] }
        let tokens = file.tokens
        return tokens.indices.compactMap { index in
            let token = tokens[index]
            guard token.kind == .word else { return nil }
            let isMember = index > 0 && tokens[index - 1].is(".")
            let isName = index > 0 && (tokens[index - 1].is("func") || tokens[index - 1].is("case"))
            let isCall = index + 1 < tokens.count && tokens[index + 1].is("(") && tokens[index + 1].glued
            let isLabel = index + 1 < tokens.count && tokens[index + 1].is(":")
            let isImpure =
                (words.contains(token.text) && !isMember && !isName && !isLabel)
                || (calls.contains(token.text) && isCall && !isMember && !isName)
                || (drawn.contains(token.text) && isCall && !isName && !isSeeded(tokens, index + 1))
                || (token.text == "now" && isMember && !isCall)
                || (token.text == "actor" && !isMember && index + 1 < tokens.count
                    && tokens[index + 1].kind == .word && tokens[index + 1].line == token.line)
            guard isImpure else { return nil }
            return Finding(
                rule: .t3, path: file.path, line: token.line,
                words: "\(token.text): a pure module takes time, ids and randomness as arguments")
        }
    }

    /// `random(in: 1...6, using: &seed)` draws from what it is given.
    private static func isSeeded(_ tokens: [Token], _ open: Int) -> Bool {
        var depth = 0
        for token in tokens[open...] {
            if token.is("(") { depth += 1 }
            if token.is(")") { depth -= 1 }
            if depth == 1, token.is("using") { return true }
            if depth == 0 { return false }
        }
        return false
    }
}
