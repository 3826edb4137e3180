// SPDX-License-Identifier: Apache-2.0

/// A declaration at file level or in a type; what stands inside functions is not looked at.
struct Declaration: Sendable {
    /// `func`, `init`, `subscript`, `struct`, `enum`, `class`, `actor`, `protocol`, `extension`, `var`, `let`, `case`, …
    let keyword: String
    let name: String
    let modifiers: Set<String>
    /// The first line, attributes included.
    let firstLine: Int
    /// The line of the name.
    let line: Int
    let lastLine: Int
    /// The tokens between the keyword and the body, a default value included.
    let header: ArraySlice<Token>
    /// The tokens of the body of a function, braces excluded.
    let body: ArraySlice<Token>
    /// How many types it is inside of.
    let depth: Int
    /// Nobody outside of the file sees it, because it or a type around it is private.
    let isPrivate: Bool
    /// The kind of the type around it, empty at file level.
    let owner: String

    var isType: Bool { Outline.typeKeywords.contains(keyword) }
    var isFunction: Bool { Outline.functionKeywords.contains(keyword) }

    /// The parameters of a function: name within, and type.
    var parameters: [(name: String, type: String)] {
        var depth = 0
        var angles = 0
        var parts: [[Token]] = []
        var part: [Token] = []
        scan: for token in header {
            if token.is("<") { angles += 1 }
            if token.is(">") { angles -= 1 }
            if depth > 0 { part.append(token) }
            if token.is("(") || token.is("[") || token.is("{") {
                guard depth > 0 || (token.is("(") && angles == 0) else { continue }
                depth += 1
            } else if depth > 0, token.is(")") || token.is("]") || token.is("}") {
                depth -= 1
                if depth == 0 {
                    part.removeLast()
                    break scan
                }
            } else if depth == 1, angles == 0, token.is(",") {
                part.removeLast()
                parts.append(part)
                part = []
            }
        }
        if !part.isEmpty { parts.append(part) }
        return parts.compactMap { part in
            guard let colon = part.firstIndex(where: { $0.is(":") }), colon > 0 else { return nil }
            return (part[colon - 1].text, part[(colon + 1)...].map(\.text).joined())
        }
    }
}

/// Finds the declarations of a file by its braces and keywords; a sketch of a parser, enough for a report.
struct Outline {
    static let typeKeywords: Set<String> = ["struct", "enum", "class", "actor", "protocol", "extension"]
    static let functionKeywords: Set<String> = ["func", "init", "subscript", "deinit"]
    private static let valueKeywords: Set<String> = [
        "var", "let", "case", "typealias", "associatedtype", "import",
    ]
    private static let modifierWords: Set<String> = [
        "package", "public", "private", "fileprivate", "internal", "open", "static", "final", "mutating",
        "nonmutating", "nonisolated", "lazy", "weak", "unowned", "override", "convenience", "required",
        "indirect",
        "consuming", "borrowing", "isolated", "prefix", "postfix", "infix",
    ]

    private let tokens: [Token]
    private var at = 0
    private(set) var declarations: [Declaration] = []

    init(_ tokens: [Token]) {
        self.tokens = tokens
        readMembers(of: "", depth: 0, hidden: false)
    }

    private var token: Token? { at < tokens.count ? tokens[at] : nil }

    private mutating func readMembers(of owner: String, depth: Int, hidden: Bool) {
        while let token {
            if token.is("}") {
                if depth > 0 { return }
                at += 1
            } else if startsDeclaration(at) {
                readDeclaration(owner: owner, depth: depth, hidden: hidden)
            } else {
                at += 1
            }
        }
    }

    /// A keyword, modifier or attribute that begins its line, or follows a brace.
    private func startsDeclaration(_ index: Int) -> Bool {
        let token = tokens[index]
        guard token.kind == .word else { return false }
        if index > 0, tokens[index - 1].line == token.line, !tokens[index - 1].is("{"),
            !tokens[index - 1].is(";"),
            !tokens[index - 1].is("}")
        {
            return false
        }
        return token.text.hasPrefix("@") || Self.modifierWords.contains(token.text)
            || Self.typeKeywords.contains(token.text) || Self.functionKeywords.contains(token.text)
            || Self.valueKeywords.contains(token.text)
    }

    private mutating func readDeclaration(owner: String, depth: Int, hidden: Bool) {
        let first = tokens[at]
        var modifiers: Set<String> = []
        while let token, token.kind == .word {
            if token.text.hasPrefix("@") {
                at += 1
                if self.token?.is("(") == true, self.token?.glued == true { skipBrackets() }
            } else if token.text == "class", let next = next(1), next.is("func") || next.is("var") {
                at += 1
            } else if Self.modifierWords.contains(token.text) {
                at += 1
                var word = token.text
                if self.token?.is("(") == true, self.token?.glued == true {
                    let start = at
                    skipBrackets()
                    word += tokens[start..<at].map(\.text).joined()
                }
                modifiers.insert(word)
            } else {
                break
            }
        }
        guard let keyword = token, keyword.kind == .word else { return }
        let isType = Self.typeKeywords.contains(keyword.text)
        let isFunction = Self.functionKeywords.contains(keyword.text)
        guard isType || isFunction || Self.valueKeywords.contains(keyword.text) else {
            at += 1
            return
        }
        at += 1
        let isPrivate = hidden || modifiers.contains("private") || modifiers.contains("fileprivate")
        let headerStart = at
        let name = keyword.text == "func" || isType || !isFunction ? (token?.text ?? "") : keyword.text
        skipHeader(stopsAtBrace: isType || isFunction)
        let header = tokens[headerStart..<at]
        let slot = declarations.count
        var body = tokens[at..<at]
        declarations.append(
            Declaration(
                keyword: keyword.text, name: name, modifiers: modifiers, firstLine: first.line,
                line: keyword.line,
                lastLine: keyword.line, header: header, body: body, depth: depth, isPrivate: isPrivate,
                owner: owner))
        if token?.is("{") == true, isType {
            at += 1
            readMembers(of: keyword.text, depth: depth + 1, hidden: isPrivate)
            at += 1
        } else if token?.is("{") == true, isFunction {
            let start = at
            skipBrackets()
            body = tokens[(start + 1)..<max(start + 1, at - 1)]
        }
        declarations[slot] = Declaration(
            keyword: keyword.text, name: name, modifiers: modifiers, firstLine: first.line,
            line: keyword.line,
            lastLine: at > 0 ? tokens[min(at, tokens.count) - 1].line : keyword.line, header: header,
            body: body,
            depth: depth, isPrivate: isPrivate, owner: owner)
    }

    private func next(_ distance: Int) -> Token? {
        at + distance < tokens.count ? tokens[at + distance] : nil
    }

    /// Past the bracket that closes the one here.
    private mutating func skipBrackets() {
        var depth = 0
        repeat {
            guard let token else { return }
            if token.is("(") || token.is("[") || token.is("{") { depth += 1 }
            if token.is(")") || token.is("]") || token.is("}") { depth -= 1 }
            at += 1
        } while depth > 0
    }

    /// To the brace of the body, or past a value, to what begins the next declaration.
    private mutating func skipHeader(stopsAtBrace: Bool) {
        let start = at
        while let token {
            if token.is("{"), stopsAtBrace { return }
            if token.is("}") { return }
            if at > start, token.line != tokens[at - 1].line, startsDeclaration(at) { return }
            if at > start, token.line != tokens[at - 1].line, token.is("#") { return }
            if token.is("(") || token.is("[") || token.is("{") { skipBrackets() } else { at += 1 }
        }
    }
}
