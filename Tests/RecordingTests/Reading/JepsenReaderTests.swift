import Determinism
import Testing

@testable import Recording

/// What is made of Jepsen's events, in each form that they come in.
@Suite struct JepsenReaderTests {
    private func read(_ text: String, isKeyed: Bool = false) throws(RecordError) -> HistoryFile {
        try HistoryFile(bytes: Array(text.utf8), path: "h.edn", isKeyed: isKeyed)
    }

    /// Process, function, value and outcome of each operation.
    private func told(_ file: HistoryFile) -> [String] {
        file.history.map { operation in
            let key = operation.key.map { "\($0): " } ?? ""
            return "\(operation.process) \(operation.function.name) \(key)"
                + "\(operation.value.summary) \(operation.outcome.rawValue)"
        }
    }

    private static let events = [
        "{:process 0, :type :invoke, :f :write, :value 3}",
        "{:process 1, :type :invoke, :f :read, :value nil}",
        "{:process 0, :type :ok, :f :write, :value 3}",
        "{:process :nemesis, :type :info, :f :start, :value {:a [1 2]}}",
        "{:process 1, :type :ok, :f :read, :value 3}",
        "{:process 0, :type :invoke, :f :cas, :value [3 4]}",
        "{:process 1, :type :invoke, :f :cas, :value [4 5]}",
        "{:process 0, :type :fail, :f :cas, :value [3 4]}",
        "{:process 1, :type :info, :f :cas, :value [4 5], :error :timeout}",
        "{:process 2, :type :invoke, :f :read, :value nil}",
    ]
    private static let expected = [
        "0 write 3 ok", "1 read 3 ok", "0 cas 3 → 4 fail", "1 cas 4 → 5 info",
        "2 read nothing info",
    ]

    @Test func mapsLineByLineAndInAVectorOrListAreTheSame() throws {
        let lines = try read(Self.events.joined(separator: "\n"))
        let vector = try read("[" + Self.events.joined(separator: "\n ,") + "]\n")
        let list = try read("; all of them\n(" + Self.events.joined(separator: "\n ") + "\n)\n")
        #expect(told(lines) == Self.expected)
        #expect(lines.skipped == 1)
        #expect(lines.format == .edn)
        #expect(vector.history == lines.history)
        #expect(list.history == lines.history)
        #expect(lines.history[3].error == ":timeout")
        #expect(lines.history[3].completed == nil)
        #expect(lines.history[4].completed == nil)
    }

    @Test func logLinesWithTabsOrSpacesAreTheSame() throws {
        let log = """
            INFO  jepsen.core - starting
            INFO  jepsen.util - 0\t:invoke\t:write\t3
            INFO  jepsen.util - 1   :invoke :read   nil
            INFO  jepsen.util - 0\t:ok\t:write\t3
            INFO  jepsen.util - :nemesis\t:info\t:start\tnil
            INFO  jepsen.util - 1   :ok     :read   3
            INFO  jepsen.util - 0\t:invoke\t:cas\t[3 4]
            INFO  jepsen.util - 1\t:invoke\t:cas\t[4 5]
            INFO  jepsen.util - 0\t:fail\t:cas\t[3 4]
            INFO  jepsen.util - 1\t:info\t:cas\t:timed-out
            INFO  jepsen.util - 2\t:invoke\t:read\tnil
            """
        let file = try read(log)
        #expect(told(file) == Self.expected)
        #expect(file.format == .log)
        #expect(file.skipped == 2)
    }

    @Test func theOrderOfEventsCountsAndTimesAreKeptWhereTheyAgree() throws {
        let file = try read(
            """
            {:process 0 :type :invoke :f :write :value 1 :time 100}
            {:process 0 :type :ok :f :write :value 1 :time 50}
            {:process 0 :type :invoke :f :read :time 900}
            {:process 0 :type :ok :f :read :value 1 :time 900}
            """)
        let times = file.history.flatMap { [$0.invoked, $0.completed] }
        #expect(times.compactMap { $0?.nanoseconds } == [100, 101, 900, 901])
    }

    @Test func aProcessThatGoesOnAfterInfoIsAnother() throws {
        let file = try read(
            """
            {:process 0 :type :invoke :f :write :value 1}
            {:process 0 :type :info :f :write :value 1}
            {:process 0 :type :invoke :f :read}
            {:process 0 :type :ok :f :read :value 1}
            """)
        #expect(file.history[0].process == 0)
        #expect(file.history[1].process != 0)
    }

    @Test func everyFormOfAValueIsRead() throws {
        let file = try read(
            """
            ; a comment
            {:value "a \\"b\\"\\n\\u00e9", :f :w, :type :invoke, :process 0, :other {:x #{1 2}}}
            {:process 1 :type :invoke :f :read}
            {:process 1 :type :ok :f :read :value #{3 1 :x}}
            {:process 2 :type :invoke :f :add :value -7 :time 1, :index 5}
            {:process 3 :type :invoke :f :write :value 9223372036854775807}
            {:process 4 :type :invoke :f :write :value #_ [1 2] 1.5M}
            {:process 5 :type :invoke :f :write :value #inst "2020-01-01"}
            {:process 6 :type :invoke :f :dequeue}
            {:process 6 :type :ok :f :dequeue :value true}
            """)
        #expect(
            file.history.map(\.value) == [
                "a \"b\"\né", .list([3, 1, ":x"]), -7, .integer(.max), "1.5M", "2020-01-01",
                "true",
            ])
    }

    @Test func keysComeAsMembersOrWithTheValue() throws {
        let member = try read(
            """
            {:process 0, :type :invoke, :f :append, :key "0", :value "x"}
            {:process 0, :type :ok, :f :append, :key "0", :value "x"}
            {:process 0, :type :invoke, :f :get, :key "1", :value nil}
            {:process 0, :type :ok, :f :get, :key "1", :value ""}
            """)
        #expect(told(member) == ["0 append 0: x ok", "0 read 1:  ok"])
        let keyed = try read(
            """
            {:process 0, :type :invoke, :f :read, :value [7 nil]}
            {:process 0, :type :ok, :f :read, :value [7 2]}
            {:process 0, :type :invoke, :f :cas, :value [:y [1 2]]}
            """, isKeyed: true)
        #expect(told(keyed) == ["0 read 7: 2 ok", "0 cas :y: 1 → 2 info"])
    }

    @Test func transactionsAreRead() throws {
        let file = try read(
            """
            {:type :invoke, :f :txn, :value [[:append 9 1] [:r 8 nil]], :process 0}
            {:type :ok, :f :txn, :value [[:append 9 1] [:r 8 [1 2]]], :process 0}
            {:type :invoke, :f :txn, :value [[:w :x 3] [:r 8 nil]], :process 1}
            {:type :info, :f :txn, :value [[:w :x 3] [:r 8 nil]], :process 1}
            {:type :invoke, :f :txn, :value [[:write :x 3] [:read 8 nil]], :process 2}
            """)
        #expect(
            file.history.map(\.value) == [
                .transaction([
                    MicroOperation(.append, "9", 1), MicroOperation(.read, "8", .list([1, 2])),
                ]),
                .transaction([MicroOperation(.write, ":x", 3), MicroOperation(.read, "8")]),
                .transaction([MicroOperation(.write, ":x", 3), MicroOperation(.read, "8")]),
            ])
    }

    @Test(arguments: [
        ("", 1, "empty"),
        ("hello", 1, "expected lines of JSON"),
        ("{:process 0 :type :invoke :f :read", 1, "end of the text"),
        ("\n{:process 0 :type :invoke\n :f :read :value \"x}", 3, "has no end"),
        ("{:process 0 :type :ok :f :read}", 1, "had not begun"),
        ("{:process 0 :type :invoke}", 1, "no :f"),
        ("{:type :invoke :f :read}", 1, "no :process"),
        ("{:process 0 :f :read}", 1, "no :type"),
        ("{:process 0 :type :done :f :read}", 1, ":invoke, :ok, :fail or :info"),
        (
            "{:process 0 :type :invoke :f :read}\n{:process 0 :type :invoke :f :read}", 2,
            "before its last one ended"
        ),
        (
            "{:process 0 :type :invoke :f :read}\n{:process 0 :type :ok :f :write}", 2,
            "had begun :read"
        ),
        ("{:process 0 :type :invoke :f :cas :value [1 2 3]}", 1, "found 3 values"),
        ("{:process 0 :type :invoke :f :write :value [[1]]}", 1, "no collection"),
        ("{:process 0 :type :invoke :f :txn :value [[:rmw 1 2]]}", 1, ":r, :w or :append"),
        ("[{:process 0 :type :invoke :f :read}", 1, "after the last event"),
        ("[] []", 1, "end of the text"),
        ("({:process 0 :type :invoke :f :read}", 1, "\")\" after the last event"),
        ("({:process 0 :type :invoke :f :read}]", 1, "an event such as"),
        ("{:process 99999999999 :type :invoke :f :read}", 1, "from 0 to 4294967295"),
    ])
    func whatCannotBeReadIsToldWithItsPlace(_ text: String, _ line: Int, _ reason: String) {
        let error = #expect(throws: RecordError.self) { try read(text) }
        guard case .malformed(let path, let place, let why)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path == "h.edn")
        #expect(place == line)
        #expect(why.hasPrefix("column "))
        #expect(why.contains(reason), "\(why)")
    }

    @Test func nestedWithoutEndIsNoTrouble() {
        for text in ["[", "#_ ", "{:a ", "#a ", "#{"] {
            let deep = "{:process 0 :type :invoke :f :read :x "
            #expect(throws: RecordError.self) {
                try read(deep + String(repeating: text, count: 100_000))
            }
        }
    }

    /// Any bytes are read, or refused with a place.
    @Test(arguments: 0..<20)
    func changedBytesNeverCrash(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "edn")
        let whole = Array(Self.events.joined(separator: "\n").utf8)
        for _ in 0..<200 {
            var bytes = whole
            for _ in 0..<(1 + random.index(4)) {
                let place = random.index(bytes.count)
                switch random.index(3) {
                case 0: bytes[place] = UInt8(random.index(256))
                case 1: bytes.remove(at: place)
                case _: bytes.removeSubrange(place...)
                }
                if bytes.isEmpty { break }
            }
            _ = try? HistoryFile(bytes: bytes, path: "h.edn")
        }
    }
}
