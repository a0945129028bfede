import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm'

/** A tenant: every customer, action and token belongs to exactly one. */
@Entity({ name: 'projects' })
export class Project {
  @PrimaryGeneratedColumn('uuid')
  id!: string

  @Column({ type: 'text' })
  name!: string
}
