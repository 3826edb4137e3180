// SPDX-License-Identifier: Apache-2.0

/// T8 and T9: money, energy and time are integers, and each rounding has a name.
enum Numbers {
    private static let inexact: Set<String> = [
        "Double", "Float", "Float16", "Float32", "Float64", "Float80", "CGFloat", "Decimal",
        "NSDecimalNumber", "Date",
        "TimeInterval",
    ]

    static func check(_ file: SourceFile) -> [Finding] {
        guard let module = file.module else { return [] }
        return (Arrows.exact.contains(module) ? anywhere(file) : inSignatures(file))
            + (module == "Quantities" ? [] : arithmetic(file)) + namelessRoundings(file)
    }

    private static func anywhere(_ file: SourceFile) -> [Finding] {
        let tokens = file.tokens
        return tokens.indices.compactMap { index in
            let token = tokens[index]
            let isMember = index > 0 && tokens[index - 1].is(".")
            let isType = token.kind == .word && inexact.contains(token.text) && !isMember
            guard isType || token.kind == .float else { return nil }
            if isRefusal(file, token.line) || (token.is("Date") && Arrows.datedWaits.contains(file.path)) {
                return nil
            }
            return Finding(
                rule: .t8, path: file.path, line: token.line, words: "\(token.text) has no place near money")
        }
    }

    /// A witness that a protocol demands and that only throws: floats are refused, not used.
    private static func isRefusal(_ file: SourceFile, _ line: Int) -> Bool {
        let here = file.tokens.filter { $0.line == line }
        guard let open = here.firstIndex(where: { $0.is("{") }), open + 1 < here.count else { return false }
        return here.contains { $0.is("func") } && here[open + 1].is("throw")
    }

    /// Outside of the exact modules inexact numbers may be used, for figures of speed, but nobody hands them to another file.
    private static func inSignatures(_ file: SourceFile) -> [Finding] {
        file.declarations.filter { !$0.isPrivate && !$0.isType && $0.keyword != "import" }.compactMap {
            declaration in
            let signature =
                declaration.isFunction
                ? declaration.header : declaration.header.prefix { !$0.is("=") && !$0.is("{") }
            guard let word = signature.first(where: { $0.kind == .word && inexact.contains($0.text) }) else {
                return nil
            }
            return Finding(
                rule: .t8, path: file.path, line: word.line, words: "\(word.text) in a signature of ours")
        }
    }

    /// T9: nobody multiplies or divides minor units but `Quantities`, which knows how to round and where it overflows.
    private static func arithmetic(_ file: SourceFile) -> [Finding] {
        let tokens = file.tokens
        let marks: Set<String> = ["*", "/", "%", "*=", "/=", "%=", "&*"]
        let methods: Set<String> = [
            "multipliedReportingOverflow", "dividedReportingOverflow", "quotientAndRemainder",
            "multipliedFullWidth",
            "dividingFullWidth", "isMultiple", "remainderReportingOverflow",
        ]
        return tokens.indices.compactMap { index in
            let token = tokens[index]
            let isProduct = token.kind == .mark && marks.contains(token.text)
            let isMethod =
                methods.contains(token.text) && index > 1 && tokens[index - 1].is(".")
                && tokens[index - 2].is("minorUnits")
            guard
                isMethod
                    || (isProduct && (endsInMinorUnits(tokens, index) || beginsWithMinorUnits(tokens, index)))
            else { return nil }
            return Finding(
                rule: .t9, path: file.path, line: token.line,
                words: "minor units are divided and multiplied in Quantities")
        }
    }

    /// `a.minorUnits *`, `Int128(a.minorUnits) *`.
    private static func endsInMinorUnits(_ tokens: [Token], _ mark: Int) -> Bool {
        var index = mark - 1
        guard index >= 0 else { return false }
        guard tokens[index].is(")") else { return tokens[index].is("minorUnits") }
        var depth = 0
        while index >= 0 {
            if tokens[index].is(")") { depth += 1 }
            if tokens[index].is("(") { depth -= 1 }
            if depth == 0 { return false }
            if depth == 1, tokens[index].is("minorUnits"), !tokens[index + 1].is(":") { return true }
            index -= 1
        }
        return false
    }

    /// `* a.b.minorUnits`, `* Int128(a.minorUnits)`.
    private static func beginsWithMinorUnits(_ tokens: [Token], _ mark: Int) -> Bool {
        var index = mark + 1
        var depth = 0
        while index < tokens.count {
            let token = tokens[index]
            if token.is("(") {
                depth += 1
            } else if token.is(")") {
                depth -= 1
                if depth < 0 { return false }
                if depth == 0 { return false }
            } else if token.is("minorUnits") {
                return !(index + 1 < tokens.count && (tokens[index + 1].is(":") || tokens[index + 1].is("(")))
            } else if depth == 0, token.kind != .word, !token.is("."), !token.is("-") {
                return false
            } else if depth == 0, index > mark + 1, token.kind == .word, !tokens[index - 1].is("."),
                !tokens[index - 1].is("-")
            {
                return false
            }
            index += 1
        }
        return false
    }

    /// T9: `rounding:` is written at each call, so it has no default value.
    private static func namelessRoundings(_ file: SourceFile) -> [Finding] {
        file.declarations.filter(\.isFunction).flatMap { declaration -> [Finding] in
            let header = Array(declaration.header)
            return header.indices.compactMap { index in
                guard header[index].is("rounding"),
                    let value = header[index...].prefix(6).first(where: {
                        $0.is("=") || $0.is(",") || $0.is(")")
                    }),
                    value.is("=")
                else { return nil }
                return Finding(
                    rule: .t9, path: file.path, line: header[index].line,
                    words: "a rounding has no default: it is named at the call")
            }
        }
    }
}
