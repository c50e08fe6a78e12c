export { durationForm, parseDuration } from '../../../assertions/parts/duration.ts'
