import Testing

@testable import Proxies

@Suite struct PACFrameTests {
  @Test func framesComeOutAsTheyWentInHoweverTheyAreCut() throws {
    let frames = [PACFrame(.loaded), PACFrame(.alert, ""), PACFrame(.question, "https://a/", "a", "-5", "3600")]
    let bytes = frames.flatMap(\.encoded)
    for size in 1...bytes.count {
      var buffer = PACFrameBuffer()
      var found: [PACFrame] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        buffer.append(bytes[start..<min(start + size, bytes.count)])
        while let frame = try buffer.next() { found.append(frame) }
      }
      #expect(found == frames)
    }
  }

  @Test(arguments: [
    ([0, 0, 0, 0], "0 bytes"), ([255, 255, 255, 255], "4294967295 bytes"), ([1, 0, 0, 0, 99], "kind 99"),
    ([4, 0, 0, 0, 17, 1, 0, 0], "longer than its frame"), ([5, 0, 0, 0, 17, 1, 0, 0, 0], "longer than its frame"),
    ([5, 0, 0, 0, 17, 255, 255, 255, 255], "longer than its frame"),
  ])
  func nonsenseIsRefused(_ bytes: [UInt8], _ reason: String) {
    var buffer = PACFrameBuffer()
    buffer.append(bytes)
    do throws(PACFrameBuffer.Malformed) {
      _ = try buffer.next()
      Issue.record("\(bytes) is taken")
    } catch {
      #expect(error.reason.contains(reason))
    }
  }

  @Test func theScriptOfMostBytesFits() throws {
    let frame = PACFrame(
      .script,
      [Array(repeating: 0x61, count: 2048), [UInt8](repeating: 0x20, count: PACLimits().script), [0x31], [0x31]])
    var buffer = PACFrameBuffer()
    buffer.append(frame.encoded)
    #expect(try buffer.next() == frame)
  }
}
