import { ApiProperty } from '@nestjs/swagger'

/** The form in which a CSV file is sent. */
export class ImportCsvDto {
  @ApiProperty({
    type: 'string',
    format: 'binary',
    description:
      'The CSV file, in UTF-8, with the names of the columns in its first line: `Id`, `Source_id`, `Name`, `Email`, `Phone`, `Birthdate`, `Description`, `Address_line_1`, `Address_line_2`, `Address_Postal_Code`, `Address_City`, `Address_State`, `Address_Country`. Any other column is metadata.',
  })
  file!: string
}
