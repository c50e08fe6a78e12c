import { z } from 'zod'
import { parseYamlAs } from './parse-yaml-as.ts'

const courseSchema = z.strictObject({
  title: z.string(),
  text: z.string().optional(),
  chapters: z
    .array(z.strictObject({ title: z.string(), text: z.string().optional(), labs: z.array(z.string()).min(1) }))
    .min(1),
})

/** Labs in the order in which they are taught, in chapters with text between them. */
export type Course = Readonly<z.infer<typeof courseSchema>>

/** A course of its text. @throws WirelabError of kind usage with the place of every mistake */
export const parseCourse = (file: string, text: string): Course => parseYamlAs(file, text, courseSchema)
