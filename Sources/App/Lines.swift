// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Writes lines at once, even when the output is a pipe.
enum Lines {
    static func output(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
    static func error(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
