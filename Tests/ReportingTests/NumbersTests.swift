import Determinism
import Reporting
import Testing

struct NumbersTests {
    @Test(arguments: [
        (0.0, 1, "0.0"), (1.25, 1, "1.3"), (-1.25, 1, "-1.3"), (-0.04, 1, "0.0"),
        (1234.5678, 2, "1234.57"), (0.999, 2, "1.00"), (7, 0, "7"), (0.05, 3, "0.050"),
    ])
    func decimals(_ value: Double, _ places: Int, _ text: String) {
        #expect(decimal(value, places: places) == text)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
    func groupsOfDigits(_ number: Int, _ text: String) { #expect(grouped(number) == text) }

    @Test(arguments: [(0.5, "50.0%"), (1, "100.0%"), (0.99987, "99.987%")])
    func percentages(_ share: Double, _ text: String) { #expect(percentage(share) == text) }

    @Test(arguments: [(999, "999 B"), (1000, "1.0 KB"), (7_345_612, "7.3 MB")])
    func sizes(_ count: Int, _ text: String) { #expect(bytes(count) == text) }
}
