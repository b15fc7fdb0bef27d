import { bedrock, claudeAtBedrock } from "./amazon.ts";
import { anthropic, chat, gemini, ollama, responses, socket, type Wire } from "./wire.ts";

export const wires: readonly Wire[] = [anthropic, chat, responses, socket, gemini, ollama, bedrock, claudeAtBedrock];
