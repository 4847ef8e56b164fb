import Product
import SystemPackage
import Testing

@testable import Services

@Suite struct SupervisedTests {
  @Test func withoutASupervisorTheErrorSaysHowToStartOne() async throws {
    try await Scratch.with { scratch in
      let paths = UnitPaths(try ProductID("demo"), root: scratch.path)
      do {
        try await Supervised(paths).start(["demo-agent.service"])
        Issue.record("somebody answered")
      } catch let error as ServicesError {
        #expect(error.code == .unsupervised)
        #expect(error.message.hasPrefix("nothing supervises demo here ("))
        #expect(error.remedy?.contains("slipway run --product demo --root \(scratch.path)") == true)
      }
    }
  }
}
