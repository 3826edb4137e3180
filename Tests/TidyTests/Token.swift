// SPDX-License-Identifier: Apache-2.0

/// One word of Swift source. Comments are not among them; the text of a string literal is one token.
struct Token: Sendable {
    /// What kind of word it is.
    enum Kind: Sendable {
        case word, integer, float, string, mark
    }

    let kind: Kind
    let text: String
    /// Counted from 1.
    let line: Int
    /// Nothing stands between it and the token before it.
    let glued: Bool

    /// Whether it is this keyword, name or mark; never true of a string literal.
    func `is`(_ text: String) -> Bool { kind != .string && self.text == text }
}

/// One comment, which may span lines.
struct Comment: Sendable {
    let text: String
    /// Counted from 1, both included.
    let firstLine: Int
    let lastLine: Int
    /// Code stands before it on its line.
    let trails: Bool

    var isDocumentation: Bool { text.hasPrefix("///") || text.hasPrefix("/**") }
}

/// Cuts Swift source into tokens and comments. It knows strings (raw, of many lines, with code inside) and nested
/// comments; it does not know regex literals, which the house does not use.
struct Lexer {
    private let bytes: [UInt8]
    private var at = 0
    private var line = 1
    private var lastEnd = -1
    private(set) var tokens: [Token] = []
    private(set) var comments: [Comment] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
        tokens.reserveCapacity(bytes.count / 5)
        readCode(insideString: false)
    }

    private static let marks: [[UInt8]] = [
        "===", "!==", "...", "..<", "&<<", "&>>", "==", "!=", "<=", ">=", "&&", "||", "??", "->", "+=", "-=",
        "*=",
        "/=", "%=", "&+", "&-", "&*", "<<",
    ].map { Array($0.utf8) }

    /// Reads to the end, or past the parenthesis that ends the code inside a string.
    private mutating func readCode(insideString: Bool) {
        var depth = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte == 10 {
                line += 1
                at += 1
            } else if byte == 32 || byte == 9 || byte == 13 {
                at += 1
            } else if byte == 47, peek(1) == 47 {
                readLineComment()
            } else if byte == 47, peek(1) == 42 {
                readBlockComment()
            } else if byte == 34 || (byte == 35 && startsRawString()) {
                readString()
            } else if Self.isWord(byte) {
                readWord()
            } else {
                if byte == 40 { depth += 1 }
                if byte == 41 { depth -= 1 }
                readMark()
                if insideString, depth < 0 { return }
            }
        }
    }

    private func peek(_ distance: Int) -> UInt8 {
        at + distance < bytes.count ? bytes[at + distance] : 0
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        // Digits, letters, _ ` @ $, and all beyond ASCII.
        case 48...57, 65...90, 97...122, 95, 96, 64, 36, 128...: true
        default: false
        }
    }

    private func text(_ start: Int, _ end: Int) -> String {
        String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private mutating func emit(_ kind: Token.Kind, _ text: String, from start: Int, line: Int) {
        tokens.append(Token(kind: kind, text: text, line: line, glued: lastEnd == start))
        lastEnd = at
    }

    private mutating func readWord() {
        let start = at
        if (48...57).contains(bytes[at]) { return readNumber() }
        at += 1
        while at < bytes.count, Self.isWord(bytes[at]), bytes[at] != 64 { at += 1 }
        let name = bytes[start] == 96 ? text(start + 1, at - 1) : text(start, at)
        emit(.word, name, from: start, line: line)
    }

    /// `1.5` is one token, `pair.0.1` and `1...2` are several.
    private mutating func readNumber() {
        let start = at
        let isIndex = tokens.last?.is(".") == true && lastEnd == start
        let isDecimal =
            !(bytes[at] == 48 && Self.isWord(peek(1)) && peek(1) != 95 && !(48...57).contains(peek(1)))
        var isFloat = false
        while at < bytes.count {
            if Self.isWord(bytes[at]), bytes[at] != 64 {
                if isDecimal, bytes[at] | 32 == 101 {
                    isFloat = true
                    if peek(1) == 43 || peek(1) == 45 { at += 1 }
                }
                at += 1
            } else if bytes[at] == 46, !isIndex, !isFloat, isDecimal, (48...57).contains(peek(1)) {
                isFloat = true
                at += 1
            } else {
                break
            }
        }
        emit(isFloat ? .float : .integer, text(start, at), from: start, line: line)
    }

    private mutating func readMark() {
        let start = at
        at += markLength
        emit(.mark, text(start, at), from: start, line: line)
    }

    private var markLength: Int {
        guard Self.continuesMark(peek(1)) else { return 1 }
        for mark in Self.marks where mark[0] == bytes[at] && mark[1] == peek(1) {
            if mark.count == 2 || mark[2] == peek(2) { return mark.count }
        }
        return 1
    }

    private static func continuesMark(_ byte: UInt8) -> Bool {
        switch byte {
        case 61, 46, 60, 62, 38, 124, 63, 43, 45, 42: true  // = . < > & | ? + - *
        default: false
        }
    }

    private mutating func readLineComment() {
        let start = at
        while at < bytes.count, bytes[at] != 10 { at += 1 }
        comments.append(
            Comment(text: text(start, at), firstLine: line, lastLine: line, trails: tokens.last?.line == line)
        )
    }

    private mutating func readBlockComment() {
        let start = at
        let first = line
        let trails = tokens.last?.line == line
        var depth = 0
        repeat {
            if bytes[at] == 47, peek(1) == 42 {
                depth += 1
                at += 2
            } else if bytes[at] == 42, peek(1) == 47 {
                depth -= 1
                at += 2
            } else {
                if bytes[at] == 10 { line += 1 }
                at += 1
            }
        } while depth > 0 && at < bytes.count
        comments.append(Comment(text: text(start, at), firstLine: first, lastLine: line, trails: trails))
    }

    private func startsRawString() -> Bool {
        var distance = 0
        while peek(distance) == 35 { distance += 1 }
        return peek(distance) == 34
    }

    /// A string literal; the code inside `\(…)` follows it as tokens of its own.
    private mutating func readString() {
        let start = at
        let firstLine = line
        var hashes = 0
        while peek(hashes) == 35 { hashes += 1 }
        at += hashes
        let quotes = peek(1) == 34 && peek(2) == 34 ? 3 : 1
        at += quotes
        var content: [UInt8] = []
        let slot = tokens.count
        emit(.string, "", from: start, line: firstLine)
        while at < bytes.count, !closes(quotes, hashes) {
            if bytes[at] == 92, hashesFollow(hashes, at + 1) {
                at += 1 + hashes
                if at < bytes.count, bytes[at] == 40 {
                    content.append(0)
                    readInterpolation()
                } else if at < bytes.count {
                    if bytes[at] == 10 { line += 1 }
                    at += 1
                }
            } else {
                if bytes[at] == 10 { line += 1 }
                content.append(bytes[at])
                at += 1
            }
        }
        at += quotes + hashes
        tokens[slot] = Token(
            kind: .string, text: String(decoding: content, as: UTF8.self), line: firstLine,
            glued: tokens[slot].glued)
        lastEnd = at
    }

    private mutating func readInterpolation() {
        let start = at
        at += 1
        emit(.mark, "(", from: start, line: line)
        readCode(insideString: true)
    }

    private func closes(_ quotes: Int, _ hashes: Int) -> Bool {
        for offset in 0..<quotes where peek(offset) != 34 { return false }
        return hashesFollow(hashes, at + quotes)
    }

    private func hashesFollow(_ hashes: Int, _ from: Int) -> Bool {
        for offset in 0..<hashes where from + offset >= bytes.count || bytes[from + offset] != 35 {
            return false
        }
        return true
    }
}
