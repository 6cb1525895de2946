import Geography
import Testing

@Suite struct RegionCatalogueTests {
    @Test func everyMatrixHasItsRegions() {
        #expect(RegionCatalogue.aws.regions.count == 18)
        #expect(RegionCatalogue.azure.regions.count == 54)
        #expect(RegionCatalogue.gcp.regions.count == 20)
        #expect(RegionCatalogue.all.regions.count == 92)
        #expect(RegionCatalogue.aws.region(named: "af-south-1") == nil)
    }

    @Test func everyRegionIsDescribedInFull() {
        #expect(Set(RegionCatalogue.all.regions.map(\.name)).count == 92)
        for region in RegionCatalogue.all.regions {
            #expect(region.location?.isOnEarth == true, "\(region.name)")
            #expect(region.city?.isEmpty == false, "\(region.name)")
            #expect(region.continent != nil, "\(region.name)")
            #expect(region.country?.count == 2, "\(region.name)")
            #expect(region.jurisdiction?.count == 2, "\(region.name)")
            #expect(["AWS", "Azure", "GCP"].contains(region.provider), "\(region.name)")
        }
    }

    @Test func aRegionKnowsItsPlaceAndItsLaw() throws {
        let frankfurt = try #require(RegionCatalogue.aws.region(named: "eu-central-1"))
        #expect(frankfurt.displayName == "Europe (Frankfurt)")
        #expect(frankfurt.city == "Frankfurt")
        #expect(frankfurt.continent == .europe)
        #expect(frankfurt.country == "DE")
        #expect(frankfurt.provider == "AWS")
        #expect(frankfurt.jurisdiction == "EU")
        #expect(RegionCatalogue.azure.region(named: "uksouth")?.jurisdiction == "GB")
        #expect(RegionCatalogue.azure.region(named: "norwayeast")?.jurisdiction == "EU")
    }

    @Test(arguments: [
        ("eastus", "eastus"), ("East US", "eastus"), ("east us", "eastus"), ("east-us", "eastus"),
        ("EASTUS", "eastus"), ("West Europe", "westeurope"), ("west_europe", "westeurope"),
        ("us-east-1", "us-east-1"), ("US-EAST-1", "us-east-1"), ("us-east1", "us-east1"),
        ("Europe (Frankfurt)", "eu-central-1"), ("Switzerland North", "switzerlandnorth"),
    ])
    func namesAndDisplayNamesFindARegion(written: String, name: String) {
        #expect(RegionCatalogue.all.region(named: written)?.name == name)
    }

    @Test func unknownNamesFindNothing() {
        #expect(RegionCatalogue.all.region(named: "atlantis") == nil)
        #expect(RegionCatalogue.all.region(named: "") == nil)
    }

    @Test func aNameIsFoundBeforeADisplayName() {
        let catalogue = RegionCatalogue([
            Region(name: "first", displayName: "second"), Region(name: "second"),
        ])
        #expect(catalogue.region(named: "second")?.name == "second")
    }

    @Test func suggestionsAreNearNames() {
        #expect(RegionCatalogue.aws.suggestions(for: "us-east1").first == "us-east-1")
        #expect(RegionCatalogue.aws.suggestions(for: "eu-centrall-1").first == "eu-central-1")
        #expect(RegionCatalogue.azure.suggestions(for: "esatus").first == "eastus")
        #expect(
            RegionCatalogue.azure.suggestions(for: "Swizerland Nroth").first == "switzerlandnorth")
        #expect(RegionCatalogue.aws.suggestions(for: "mars-colony").isEmpty)
    }
}

@Suite struct ClosestMatchesTests {
    @Test(
        arguments: [
            ("isolte", ["isolate"]),  // a letter missing
            ("isollate", ["isolate"]),  // one too many
            ("isolaet", ["isolate"]),  // two swapped
            ("ISOLATE", ["isolate"]),  // case
            ("part", ["partition"]),  // the beginning
            ("pasue", ["pause"]), ("xyzzy", []), ("", []),
        ] as [(String, [String])])
    func findsWhatWasMeant(word: String, expected: [String]) {
        let faults = ["partition", "isolate", "cut", "degrade", "reset", "kill", "pause"]
        #expect(closestMatches(to: word, in: faults) == expected)
    }

    @Test func nearestComeFirstAndTheLimitHolds() {
        let words = ["writes", "write", "writer", "rite", "white"]
        #expect(closestMatches(to: "write", in: words) == ["write", "writes", "writer"])
        #expect(closestMatches(to: "write", in: words, limit: 1) == ["write"])
    }

    @Test func veryLongWordsMatchNothing() {
        let long = String(repeating: "a", count: 100_000)
        #expect(closestMatches(to: long, in: ["a", long]).isEmpty)
    }
}
