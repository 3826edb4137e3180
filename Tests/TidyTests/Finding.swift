// SPDX-License-Identifier: Apache-2.0

/// The rules of the house that a machine can look at. CONTRIBUTING.md says them in words.
enum Rule: String, CaseIterable, Sendable, Comparable {
    case t1 = "T1"
    case t2 = "T2"
    case t3 = "T3"
    case t4 = "T4"
    case t5 = "T5"
    case t6 = "T6"
    case t7 = "T7"
    case t8 = "T8"
    case t9 = "T9"
    case t10 = "T10"
    case t11 = "T11"
    case t12 = "T12"
    case t13 = "T13"
    case t14 = "T14"
    case t15 = "T15"
    case t16 = "T16"
    case t17 = "T17"
    case t18 = "T18"
    case t19 = "T19"
    case t20 = "T20"

    /// The rules that fail the build; the others are a place to look.
    static let failing: Set<Rule> = [.t1, .t2, .t3, .t8, .t9, .t11, .t12, .t19]

    static func < (left: Rule, right: Rule) -> Bool {
        (Int(left.rawValue.dropFirst()) ?? 0) < (Int(right.rawValue.dropFirst()) ?? 0)
    }
}

/// A place where the code and a rule differ.
struct Finding: Hashable, Sendable, CustomStringConvertible {
    let rule: Rule
    let path: String
    /// Counted from 1.
    let line: Int
    let words: String

    var description: String { "\(path):\(line): \(rule.rawValue) \(words)" }
}
