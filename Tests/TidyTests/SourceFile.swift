// SPDX-License-Identifier: Apache-2.0

/// One file of Swift as the rules see it: its place, its words, its comments, its declarations.
struct SourceFile: Sendable {
    /// From the root of the working copy, with `/`: `Sources/Tariffs/Rater.swift`.
    let path: String
    let lines: [Substring]
    let tokens: [Token]
    let comments: [Comment]
    let declarations: [Declaration]
    /// Where the comments are: by each of their lines, and by the last line of those that stand alone.
    private let commentsByLine: [Int: Comment]
    private let commentsAbove: [Int: Comment]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let lexer = Lexer(text)
        tokens = lexer.tokens
        comments = lexer.comments
        declarations = Outline(lexer.tokens).declarations
        commentsByLine = Dictionary(
            lexer.comments.flatMap { comment in (comment.firstLine...comment.lastLine).map { ($0, comment) }
            },
            uniquingKeysWith: { $1 })
        commentsAbove = Dictionary(
            lexer.comments.filter { !$0.trails }.map { ($0.lastLine, $0) }, uniquingKeysWith: { $1 })
    }

    /// The folder below `Sources/`, or nil of a test.
    var module: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }

    /// `Rater+Split` of `Sources/Tariffs/Rater+Split.swift`.
    var name: String {
        String((path.split(separator: "/").last ?? "").dropLast(".swift".count))
    }

    var isTest: Bool { path.hasPrefix("Tests/") }

    /// Whether the rule is broken on purpose here: `// exception(T12): why`, on the line or in the comments above it.
    func excuses(_ rule: Rule, at line: Int) -> Bool {
        hasComment(at: line) { $0.text.contains("exception(\(rule.rawValue)):") }
    }

    /// Whether such a comment stands on the line or directly above it.
    func hasComment(at line: Int, where fits: (Comment) -> Bool = { _ in true }) -> Bool {
        if let comment = commentsByLine[line], fits(comment) { return true }
        var above = line - 1
        while let comment = commentsAbove[above] {
            if fits(comment) { return true }
            above = comment.firstLine - 1
        }
        return false
    }

    /// Whether `///` stands directly above the line.
    func isDocumented(at line: Int) -> Bool { commentsAbove[line - 1]?.isDocumentation == true }

    /// The finding, unless the code says why. Rules without exception use `Finding` directly.
    func finding(_ rule: Rule, _ line: Int, _ words: String) -> Finding? {
        excuses(rule, at: line) ? nil : Finding(rule: rule, path: path, line: line, words: words)
    }
}
