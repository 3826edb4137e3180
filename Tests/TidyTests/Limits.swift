// SPDX-License-Identifier: Apache-2.0

/// The numbers of the report. They are places to look, not walls: a clear function of 70 lines stays whole.
enum Limits {
    static let functionLinesInPureModules = 60
    static let functionLinesElsewhere = 70
    static let fileLines = 500
    static let lineColumns = 110
    static let parameters = 5
    /// A front page of a module is read without scrolling.
    static let frontPageLines = 60
}
