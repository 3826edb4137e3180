// SPDX-License-Identifier: Apache-2.0
import JSONText
import Testing

/// The failure of reading `text`, or nil if it is a document.
private func failure(_ text: String, limits: JSON.Limits = .standard) -> JSONError? {
    do throws(JSONError) {
        _ = try JSON.parse(text, limits: limits)
        return nil
    } catch {
        return error
    }
}

@Suite("Reading JSON")
struct JSONTests {
    @Test("numbers keep the digits they were written with")
    func digits() throws {
        let document = try JSON.parse(#"{"a":12345.60,"b":-0,"c":1E+2}"#)

        #expect(document["a"]?.number == "12345.60")
        #expect(document["b"]?.number == "-0")
        #expect(document["c"]?.number == "1E+2")
    }

    @Test("objects keep the order of their members, and the writer sorts them on request")
    func order() throws {
        let document = try JSON.parse(#" {"b" : [1, true ,null], "a":{"z":"" , "y":"é"}} "#)

        #expect(document.text(sortedKeys: false) == #"{"b":[1,true,null],"a":{"z":"","y":"é"}}"#)
        #expect(document.text() == #"{"a":{"y":"é","z":""},"b":[1,true,null]}"#)
        #expect(document.text(pretty: true).hasPrefix("{\n  \"a\": {\n    \"y\": \"é\""))
    }

    @Test("escapes are resolved, and written back where they are needed")
    func escapes() throws {
        let document = try JSON.parse(#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000""#)

        #expect(document.string == "\"\\/\u{8}\u{c}\n\r\té😀\u{0}")
        #expect(document.text() == #""\"\\/\u0008\u000c\n\r\té😀\u0000""#)
    }

    @Test(
        "what breaks the grammar is refused with its kind",
        arguments: [
            ("", JSONError.Code.unexpectedEnd), ("[", .unexpectedEnd), ("[1,", .unexpectedEnd),
            (#"{"a""#, .unexpectedEnd), (#""abc"#, .unexpectedEnd), (#""\u12"#, .unexpectedEnd),
            ("-", .unexpectedEnd), ("1.", .unexpectedEnd), ("tru", .unexpectedEnd), ("[1}", .syntax),
            ("[1 2]", .syntax), ("[,1]", .syntax), ("[1,]", .syntax), ("{1:2}", .syntax),
            (#"{"a":1,}"#, .syntax), (#"{"a" 1}"#, .syntax), ("trve", .syntax), ("'a'", .syntax),
            (#""\x41""#, .syntax), (#""\u12g4""#, .syntax), ("1 2", .trailingBytes), ("{}}", .trailingBytes),
            ("01", .badNumber), ("-01", .badNumber), (".5", .badNumber), ("+1", .badNumber),
            ("1.e5", .badNumber), ("NaN", .badNumber), ("Infinity", .badNumber), ("-Infinity", .badNumber),
            ("1.2.3", .badNumber), ("0x10", .badNumber), ("1e", .unexpectedEnd), ("1e+x", .badNumber),
            (#""\ud83d""#, .loneSurrogate), (#""\ude00""#, .loneSurrogate),
            (#""\ud83d\u0041""#, .loneSurrogate),
            (#""\ud83dx""#, .loneSurrogate), (#""\ud83d\ue000""#, .loneSurrogate),
            ("\"a\nb\"", .controlCharacter),
            (#"{"a":1,"a":2}"#, .duplicateKey),
        ])
    func grammar(text: String, code: JSONError.Code) {
        #expect(failure(text)?.code == code, "\(text)")
    }

    @Test(
        "bytes that are not UTF-8 are refused and never repaired",
        arguments: [
            [0xFF], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSON.parse([0x22] + bytes + [0x22]) }
        #expect(throws: JSONError.self) { try JSON.parse([0x22, 0x5C, 0x6E] + bytes + [0x22]) }
    }

    @Test("a failure names the place and the byte")
    func place() {
        let error = failure(#"{"meterValue":[{"sampledValue":[{"a/b":01}]}]}"#)

        #expect(error?.path == "/meterValue/0/sampledValue/0/a~1b")
        #expect(error?.offset == 40)
        #expect(error?.description.contains("/meterValue/0/sampledValue/0/a~1b, byte 40") == true)
    }

    @Test("the limits hold at their edge")
    func limits() {
        let tight = JSON.Limits(depth: 2, stringBytes: 4, numberCharacters: 3, totalBytes: 24)

        #expect(failure("[[1]]", limits: tight) == nil)
        #expect(failure("[[[1]]]", limits: tight)?.code == .tooDeep)
        #expect(failure(#""1234""#, limits: tight) == nil)
        #expect(failure(#""12345""#, limits: tight)?.code == .stringTooLong)
        #expect(failure(#""\n\n\n\n""#, limits: tight) == nil)
        #expect(failure(#""\n\n\n\n\n""#, limits: tight)?.code == .stringTooLong)
        #expect(failure("123", limits: tight) == nil)
        #expect(failure("1234", limits: tight)?.code == .numberTooLong)
        #expect(failure(String(repeating: " ", count: 23) + "1", limits: tight) == nil)
        #expect(failure(String(repeating: " ", count: 24) + "1", limits: tight)?.code == .tooLarge)
        #expect(failure(String(repeating: "[", count: 100_000))?.code == .tooDeep)
    }

    @Test("where the first of repeated keys wins, the others are reported", arguments: [1, 40])
    func repeatedKeys(size: Int) throws {
        let members = (0..<size).map { #""k\#($0)":\#($0)"# }.joined(separator: ",")
        var repeated: [JSONPointer] = []

        let document = try JSON.parse("{\(members),\"k0\":99}".utf8, repeatedKeys: &repeated)

        #expect(document["k0"]?.int64 == 0)
        #expect(document.object?.count == size)
        #expect(repeated == ["/k0"])
        #expect(try JSON.parse("{\(members),\"k0\":99}", duplicateKeys: .firstWins) == document)
    }

    @Test("a pointer leads to its value")
    func pointers() throws {
        let document = try JSON.parse(#"{"a":[{"b/c":1},{"~":2}],"":3}"#)

        #expect(document[at: "/a/0/b~1c"]?.int64 == 1)
        #expect(document[at: JSONPointer.root.appending("a").appending(1).appending("~")]?.int64 == 2)
        #expect(document[at: "/"]?.int64 == 3)
        #expect(document[at: ""] == document)
        #expect(document[at: "/a/01"] == nil)
        #expect(document[at: "/a/2"] == nil)
        #expect(document[at: "a"] == nil)
    }

    @Test("literals and absent members make documents")
    func literals() {
        let document: JSON = ["status": "Accepted", "interval": 300, "list": [true, 1]]

        #expect(document.text() == #"{"interval":300,"list":[true,1],"status":"Accepted"}"#)
        #expect(JSON.present(["a": nil, "b": 1]).text() == #"{"b":1}"#)
    }

    @Test("integers are exact or absent")
    func integers() throws {
        #expect(try JSON.parse("9223372036854775807").int64 == .max)
        #expect(try JSON.parse("9223372036854775808").int64 == nil)
        #expect(try JSON.parse("12.0").int64 == 12)
        #expect(try JSON.parse("1.2e1").int64 == 12)
        #expect(try JSON.parse("12.5").int64 == nil)
        #expect(try JSON.parse("\"12\"").int64 == nil)
        #expect(try JSON.parse("1.25").fixedPoint(scale: 3) == 1250)
    }
}
