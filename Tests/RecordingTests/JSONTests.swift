import Recording
import Testing

@Suite struct JSONTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "1.5",
        "1e-07", "\"\"", "\"a\\\"b\\\\c\\n\\t\\r\\u0001\"", "[]", "{}",
        "{\"b\":1,\"a\":[1,2.5,null,{\"c\":\"ä€😀\"}]}",
    ])
    func whatIsWrittenReadsBack(text: String) throws {
        let value = try JSONParser.parse(text)
        #expect(value.line == text)
        #expect(try JSONParser.parse(value.indented) == value)
    }

    @Test func escapesAreUnderstood() throws {
        #expect(
            try JSONParser.parse("\"\\u00e4\\ud83d\\ude00\\/\\b\\f\"") == .text("ä😀/\u{8}\u{c}"))
    }

    @Test func wholeNumbersHaveNoFraction() {
        #expect(JSONValue.number(450).line == "450")
        #expect(JSONValue.number(-0.25).line == "-0.25")
        #expect(JSONValue.number(.infinity).line == "null")
        #expect(JSONValue.number(.nan).line == "null")
    }

    @Test(arguments: [
        ("", 0), ("nul", 0), ("[1,]", 3), ("{\"a\" 1}", 5), ("{a:1}", 1), ("\"abc", 4), ("01", 0),
        ("1.", 0), ("-", 0), ("[1] x", 4), ("\"\\x\"", 1), ("\"\\ud800\"", 7), ("\"\n\"", 1),
        ("{\"a\":1", 6),
    ])
    func malformedTextIsRefusedWithItsPlace(text: String, offset: Int) {
        let error = #expect(throws: MalformedJSON.self) { try JSONParser.parse(text) }
        #expect(error?.offset == offset)
        #expect(error?.description.isEmpty == false)
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        #expect(throws: MalformedJSON.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
    }

    @Test func deepNestingIsRefused() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: MalformedJSON.self) { try JSONParser.parse(text) }
    }
}
