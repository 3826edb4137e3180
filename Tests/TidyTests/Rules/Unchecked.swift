// SPDX-License-Identifier: Apache-2.0

/// T11 and T12: nothing is forced, and nothing is promised to the compiler without a reason.
enum Unchecked {
    static func check(_ file: SourceFile) -> [Finding] {
        let tokens = file.tokens
        return tokens.indices.compactMap { index in
            let token = tokens[index]
            guard token.kind != .string else { return nil }
            let next = index + 1 < tokens.count ? tokens[index + 1] : nil
            let mark = next?.glued == true ? next : nil
            if token.is("try"), mark?.is("!") == true {
                return file.finding(.t11, token.line, "try! stops the process")
            }
            if token.is("try"), mark?.is("?") == true, !file.isTest, !file.hasComment(at: token.line) {
                return file.finding(.t11, token.line, "try? loses an error: a comment says why it may")
            }
            if token.is("as"), mark?.is("!") == true {
                return file.finding(.t11, token.line, "as! stops the process")
            }
            if token.is("!"), isForced(tokens, index) {
                return file.finding(.t11, token.line, "a forced unwrap stops the process")
            }
            if token.is("@unchecked") || (token.is("nonisolated") && isUnsafe(tokens, index)) {
                return file.finding(.t12, token.line, "promises what the compiler cannot see")
            }
            return nil
        }
    }

    /// `!` directly behind a value.
    private static func isForced(_ tokens: [Token], _ index: Int) -> Bool {
        guard index > 0, tokens[index].glued else { return false }
        let before = tokens[index - 1]
        switch before.kind {
        case .word: return !["try", "as", "return", "in"].contains(before.text)
        case .mark: return [")", "]", "}", ">", "?"].contains(before.text)
        case .string: return true
        case .integer, .float: return index > 1 && tokens[index - 2].is(".")
        }
    }

    private static func isUnsafe(_ tokens: [Token], _ index: Int) -> Bool {
        index + 2 < tokens.count && tokens[index + 1].is("(") && tokens[index + 2].is("unsafe")
    }
}
